/**
 * Drives the engines: their thread, their queues, their reads and commits. Knows the broker only as
 * {@link io.litetopic.proxy.broker.BrokerGateway}. Read {@link io.litetopic.proxy.runtime.GroupDispatcher} first.
 */
@NullMarked
package io.litetopic.proxy.runtime;

import org.jspecify.annotations.NullMarked;
