/**
 * Public API of the SDK: the client types of the official RocketMQ client, with lite topics that can be suspended.
 *
 * <p>Names and calls are those of {@code org.apache.rocketmq.client.apis}, so that an application is ported by changing
 * imports. Whatever the official API already expresses is used as it is ({@code ClientConfiguration}, {@code Message},
 * {@code Producer}, {@code MessageBuilder}); only what suspend and lite topics need is defined here. This package holds
 * no implementation: that is in {@code internal}, which applications must not use.
 *
 * <p>Read {@link io.litetopic.lite.LiteClientServiceProvider} first.
 */
@NullMarked
package io.litetopic.lite;

import org.jspecify.annotations.NullMarked;
