package io.litetopic.proxy.rocketmq;

import io.grpc.Context;
import io.grpc.Metadata;
import org.apache.rocketmq.common.constant.GrpcConstants;

/** Who calls, by the metadata of the request that the current gRPC thread serves. */
public final class ClientIdentity {
    private ClientIdentity() {}

    /** The client id, which the caller chooses itself; empty if it sends none. */
    public static String current() {
        return header(GrpcConstants.CLIENT_ID);
    }

    /**
     * Address and port of the caller's end of the connection, as the proxy sees it: behind a gateway that of the gateway's end.
     * Empty if it is not known.
     */
    public static String remoteAddress() {
        return header(GrpcConstants.REMOTE_ADDRESS);
    }

    private static String header(Metadata.Key<String> key) {
        Metadata metadata = GrpcConstants.METADATA.get(Context.current());
        String value = metadata == null ? null : metadata.get(key);
        return value == null ? "" : value;
    }
}
