/**
 * Metrics and traces of lite clients: what an observer is told, and observers for Micrometer and OpenTelemetry.
 *
 * <p>Both libraries are optional: the SDK runs without them, and a class of this package needs the one it is named after.
 * Start with {@link io.litetopic.lite.observability.LiteObserver}.
 */
@NullMarked
package io.litetopic.lite.observability;

import org.jspecify.annotations.NullMarked;
