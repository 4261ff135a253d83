package io.litetopic.proxy.rocketmq;

import apache.rocketmq.v2.Status;
import org.apache.rocketmq.proxy.grpc.v2.common.ResponseBuilder;

/** Errors as the proxy reports them to clients. */
public final class StatusMapper {
    private StatusMapper() {}

    /** The status that the proxy itself would answer for {@code error}; never OK. */
    public static Status toStatus(Throwable error) {
        return ResponseBuilder.getInstance().buildStatus(error);
    }
}
