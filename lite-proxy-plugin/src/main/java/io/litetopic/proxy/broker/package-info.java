/**
 * What the dispatcher needs of a broker, in neutral types: queues, offsets, locks, pulls. Owns no state and knows no RocketMQ
 * class; the implementation is in {@code io.litetopic.proxy.rocketmq}. Read {@link io.litetopic.proxy.broker.BrokerGateway}
 * first.
 */
@NullMarked
package io.litetopic.proxy.broker;

import org.jspecify.annotations.NullMarked;
