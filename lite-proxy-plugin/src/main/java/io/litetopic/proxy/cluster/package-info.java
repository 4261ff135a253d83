/**
 * Which proxies serve a bind topic together, and which of its queues each of them is to own. Decides; what is owned is
 * {@code runtime}'s affair. Knows the broker only as {@link io.litetopic.proxy.broker.BrokerGateway}. Read
 * {@link io.litetopic.proxy.cluster.QueueClaims} first.
 */
@NullMarked
package io.litetopic.proxy.cluster;

import org.jspecify.annotations.NullMarked;
