/**
 * The only place that knows broker and proxy classes: connections, routes, offsets, locks, pulls, topics and groups, message
 * conversion and request checks. Owns the connections and nothing else; it must not hold dispatch state. Read
 * {@link io.litetopic.proxy.rocketmq.RemotingBrokerGateway} first, which implements what dispatching needs.
 */
@NullMarked
package io.litetopic.proxy.rocketmq;

import org.jspecify.annotations.NullMarked;
