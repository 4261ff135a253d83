/**
 * Which lite topics exist in a bind topic, across its groups, and how many there may be. Thread-safe state without I/O. Read
 * {@link io.litetopic.proxy.registry.LiteTopicRegistry} first.
 */
@NullMarked
package io.litetopic.proxy.registry;

import org.jspecify.annotations.NullMarked;
