package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.Status;

/** A request is refused; nothing has changed. The message is for the application's developer. */
final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    RequestException(Code code, String message) {
        super(message);
        this.code = code;
    }

    Status status() {
        return Statuses.of(code, String.valueOf(getMessage()));
    }
}
