package io.litetopic.proxy.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Passes what the stock service answers through a function. A {@link ServerCallStreamObserver} like the original, since stock
 * asks it whether the call was cancelled.
 */
class MappedObserver<T> extends ForwardingObserver<T> {
    private final UnaryOperator<T> mapping;
    private final Consumer<Throwable> onError;
    private final Runnable onCompleted;

    MappedObserver(ServerCallStreamObserver<T> target, UnaryOperator<T> mapping) {
        this(target, mapping, error -> {});
    }

    /** @param onError told of an error before it goes on */
    MappedObserver(ServerCallStreamObserver<T> target, UnaryOperator<T> mapping, Consumer<Throwable> onError) {
        this(target, mapping, onError, () -> {});
    }

    /**
     * @param onError told of an error before it goes on
     * @param onCompleted told of the end before it goes on
     */
    MappedObserver(
            ServerCallStreamObserver<T> target,
            UnaryOperator<T> mapping,
            Consumer<Throwable> onError,
            Runnable onCompleted) {
        super(target);
        this.mapping = mapping;
        this.onError = onError;
        this.onCompleted = onCompleted;
    }

    @Override
    public void onNext(T value) {
        target.onNext(mapping.apply(value));
    }

    @Override
    public void onError(Throwable error) {
        onError.accept(error);
        target.onError(error);
    }

    @Override
    public void onCompleted() {
        onCompleted.run();
        target.onCompleted();
    }
}
