package io.litetopic.proxy.rocketmq;

import io.grpc.Context;
import io.grpc.Metadata;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import org.apache.rocketmq.common.constant.GrpcConstants;

/** Who calls, by the metadata of the request that the current gRPC thread serves. */
public final class ClientIdentity {
    private static final Set<String> OWN_HEADERS = Collections.unmodifiableSet(new HashSet<>(Arrays.asList(
            "authorization",
            "x-mq-client-id",
            "x-mq-client-version",
            "x-mq-date-time",
            "x-mq-language",
            "x-mq-namespace",
            "x-mq-protocol",
            "x-mq-request-id",
            "x-mq-session-token",
            "x-litetopic-relayed")));

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

    /**
     * What the caller says of itself, to be sent on in its name: id, version, credentials. The signature covers nothing that differs
     * between proxies. Not the caller's address.
     */
    public static Metadata headers() {
        Metadata all = GrpcConstants.METADATA.get(Context.current());
        Metadata own = new Metadata();
        if (all != null) {
            for (String name : all.keys()) {
                if (OWN_HEADERS.contains(name)) {
                    Metadata.Key<String> key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
                    own.put(key, String.valueOf(all.get(key)));
                }
            }
        }
        return own;
    }

    private static String header(Metadata.Key<String> key) {
        Metadata metadata = GrpcConstants.METADATA.get(Context.current());
        String value = metadata == null ? null : metadata.get(key);
        return value == null ? "" : value;
    }
}
