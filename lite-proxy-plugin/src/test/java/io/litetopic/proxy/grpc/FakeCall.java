package io.litetopic.proxy.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The client's end of a call: remembers what was written, and whether two threads ever wrote at once, which gRPC forbids. */
final class FakeCall<T> extends ServerCallStreamObserver<T> {
    final List<T> values = new CopyOnWriteArrayList<>();
    final CompletableFuture<@Nullable Void> completed = new CompletableFuture<>();
    volatile boolean overlapped;
    private volatile boolean ready = true;
    private volatile Runnable onReady = () -> {};
    private final AtomicInteger writers = new AtomicInteger();

    void setReady(boolean value) {
        ready = value;
        if (value) {
            onReady.run();
        }
    }

    @Override
    public void onNext(T value) {
        overlapped |= writers.incrementAndGet() > 1;
        values.add(value); // copies what is there, which takes a while
        writers.decrementAndGet();
    }

    @Override
    public void onError(Throwable error) {
        completed.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {
        completed.complete(null);
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public boolean isReady() {
        return ready;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
        onReady = handler;
    }

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    @SuppressWarnings("deprecation")
    public void disableAutoInboundFlowControl() {}
}
