package io.litetopic.proxy.grpc;

import io.grpc.stub.ServerCallStreamObserver;

/**
 * Lets several threads write to one call, which takes one at a time. After its end a value is refused with an
 * {@link IllegalStateException}, a second end has no effect. Thread-safe.
 */
final class SerialObserver<T> extends ServerCallStreamObserver<T> {
    private final ServerCallStreamObserver<T> target;
    private boolean isOver; // guarded by this

    SerialObserver(ServerCallStreamObserver<T> target) {
        this.target = target;
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

    @Override
    public boolean isCancelled() {
        return target.isCancelled();
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
        target.setOnCancelHandler(handler);
    }

    @Override
    public void setCompression(String compression) {
        target.setCompression(compression);
    }

    @Override
    public boolean isReady() {
        return target.isReady();
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
        target.setOnReadyHandler(handler);
    }

    @Override
    @SuppressWarnings("deprecation") // the contract of the class: older versions of gRPC have only this one
    public void disableAutoInboundFlowControl() {
        target.disableAutoInboundFlowControl();
    }

    @Override
    public void disableAutoRequest() {
        target.disableAutoRequest();
    }

    @Override
    public void setOnCloseHandler(Runnable handler) {
        target.setOnCloseHandler(handler);
    }

    @Override
    public void request(int count) {
        target.request(count);
    }

    @Override
    public void setMessageCompression(boolean enable) {
        target.setMessageCompression(enable);
    }
}
