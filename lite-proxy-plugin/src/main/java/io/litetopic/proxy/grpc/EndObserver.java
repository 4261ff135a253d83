package io.litetopic.proxy.grpc;

import io.grpc.stub.ServerCallStreamObserver;

/** Tells when a call is over: answered, failed or broken off. It may tell that more than once, on any thread. */
final class EndObserver<T> extends MappedObserver<T> {
    private final Runnable onEnd;

    /** On the thread that begins the call. */
    EndObserver(ServerCallStreamObserver<T> target, Runnable onEnd) {
        super(target, value -> value, error -> onEnd.run(), onEnd);
        this.onEnd = onEnd;
        target.setOnCancelHandler(onEnd);
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
        super.setOnCancelHandler(() -> {
            onEnd.run();
            handler.run();
        });
    }
}
