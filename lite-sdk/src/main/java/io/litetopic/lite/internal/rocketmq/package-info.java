/**
 * The only package that touches classes of the official client beyond its public API: subscriptions and suspend have
 * none in the versions that are published. Not API: free to change.
 *
 * <p>Nothing here may name a shaded class, so that it works with the shaded and the plain client. Read
 * {@link io.litetopic.lite.internal.rocketmq.OfficialClientTransport} first.
 */
@NullMarked
package io.litetopic.lite.internal.rocketmq;

import org.jspecify.annotations.NullMarked;
