package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.Status;
import io.litetopic.proxy.access.AccessException;
import io.litetopic.proxy.rocketmq.StatusMapper;
import io.litetopic.proxy.runtime.UnavailableException;
import java.util.concurrent.CompletionException;

/** Statuses of answers. */
final class Statuses {
    static final Status OK = of(Code.OK, Code.OK.name());

    private Statuses() {}

    static Status of(Code code, String message) {
        return Status.newBuilder().setCode(code).setMessage(message).build();
    }

    static Status of(Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        if (cause instanceof UnavailableException) {
            return of(Code.INTERNAL_SERVER_ERROR, String.valueOf(cause.getMessage()));
        }
        if (cause instanceof AccessException) {
            return of(codeOf(((AccessException) cause).reason()), String.valueOf(cause.getMessage()));
        }
        return cause instanceof RequestException ? ((RequestException) cause).status() : StatusMapper.toStatus(cause);
    }

    private static Code codeOf(AccessException.Reason reason) {
        switch (reason) {
            case FORBIDDEN:
                return Code.FORBIDDEN;
            case TOO_MANY_REQUESTS:
                return Code.TOO_MANY_REQUESTS;
            case TOO_LARGE:
                return Code.PAYLOAD_TOO_LARGE;
        }
        throw new IllegalStateException("unknown reason: " + reason);
    }
}
