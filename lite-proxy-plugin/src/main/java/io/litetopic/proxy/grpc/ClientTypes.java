package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.ClientType;

/** Client types that the stock proxy does not know, and what they are closest to. */
final class ClientTypes {
    private ClientTypes() {}

    static boolean isLite(ClientType type) {
        return type == ClientType.LITE_PUSH_CONSUMER || type == ClientType.LITE_SIMPLE_CONSUMER;
    }

    static ClientType asStockKnowsIt(ClientType type) {
        switch (type) {
            case LITE_PUSH_CONSUMER:
                return ClientType.PUSH_CONSUMER;
            case LITE_SIMPLE_CONSUMER:
                return ClientType.SIMPLE_CONSUMER;
            default:
                return type;
        }
    }
}
