package io.litetopic.proxy.grpc;

import io.grpc.stub.ServerCallStreamObserver;

/** Passes everything on except what is answered, which a subclass deals with. */
abstract class ForwardingObserver<T> extends ServerCallStreamObserver<T> {
    final ServerCallStreamObserver<T> target;

    ForwardingObserver(ServerCallStreamObserver<T> target) {
        this.target = target;
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
