package io.litetopic.proxy.rocketmq;

import io.grpc.Context;
import io.grpc.Metadata;
import org.apache.rocketmq.common.constant.GrpcConstants;

/** Who calls, by the metadata of the request that the current gRPC thread serves. */
public final class ClientIdentity {
    private ClientIdentity() {}

    /** The client id, which the caller chooses itself; empty if it sends none. */
    public static String current() {
        Metadata metadata = GrpcConstants.METADATA.get(Context.current());
        String clientId = metadata == null ? null : metadata.get(GrpcConstants.CLIENT_ID);
        return clientId == null ? "" : clientId;
    }
}
