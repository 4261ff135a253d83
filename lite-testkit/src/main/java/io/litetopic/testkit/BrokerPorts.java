package io.litetopic.testkit;

/**
 * The ports of one broker.
 *
 * @param listen remoting port; the stock broker also listens on {@code listen - 2} (its fast channel)
 * @param ha port on which the broker would serve replicas
 */
record BrokerPorts(int listen, int ha) {
    static final int FAST_CHANNEL_DISTANCE = 2;
}
