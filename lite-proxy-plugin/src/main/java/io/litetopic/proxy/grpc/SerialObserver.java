package io.litetopic.proxy.grpc;

import io.grpc.stub.ServerCallStreamObserver;

/**
 * Lets several threads write to one call, which takes one at a time. After its end a value is refused with an
 * {@link IllegalStateException}, a second end has no effect. Thread-safe.
 */
final class SerialObserver<T> extends ForwardingObserver<T> {
    private boolean isOver; // guarded by this

    SerialObserver(ServerCallStreamObserver<T> target) {
        super(target);
    }

    @Override
    public synchronized void onNext(T value) {
        if (isOver) {
            throw new IllegalStateException("the call is over");
        }
        target.onNext(value);
    }

    @Override
    public synchronized void onError(Throwable error) {
        if (!isOver) {
            isOver = true;
            target.onError(error);
        }
    }

    @Override
    public synchronized void onCompleted() {
        if (!isOver) {
            isOver = true;
            target.onCompleted();
        }
    }
}
