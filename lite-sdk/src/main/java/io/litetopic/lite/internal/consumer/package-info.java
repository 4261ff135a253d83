/**
 * Decides what a lite push consumer asks for, runs, renews and reports; knows the server only as a
 * {@link io.litetopic.lite.internal.consumer.LiteTransport}. Not API: free to change.
 *
 * <p>Must not touch the official client beyond its public API, nor the wall clock: time comes from
 * {@link io.litetopic.lite.internal.consumer.LoopTimer}. Locks are taken in the order {@code Receiver},
 * {@code Lanes}, then {@code LiteSubscriptions}, {@code LeaseKeeper}, {@code PlainFifoTransport} or {@code HeldDelivery}; none is held
 * while the transport, the listener or the timer is called.
 *
 * <p>Read {@link io.litetopic.lite.internal.consumer.ConsumerLoop} first.
 */
@NullMarked
package io.litetopic.lite.internal.consumer;

import org.jspecify.annotations.NullMarked;
