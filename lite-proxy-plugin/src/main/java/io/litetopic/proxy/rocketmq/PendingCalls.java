package io.litetopic.proxy.rocketmq;

import io.litetopic.proxy.broker.BrokerException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls that have not ended. Gives every call an end: its result, a {@link BrokerException}, or failure on {@link #close()},
 * since the stock client forgets what is in flight when it shuts down. Thread-safe.
 */
final class PendingCalls {
    private final ConcurrentMap<Long, CompletableFuture<?>> callById = new ConcurrentHashMap<>();
    private final AtomicLong lastId = new AtomicLong();
    private volatile boolean closed;

    /** @param what for errors: {@code pull group=g queue=t@b/0 offset=7} */
    <T> CompletableFuture<T> run(Supplier<String> what, Supplier<CompletableFuture<T>> operation) {
        long id = lastId.incrementAndGet();
        CompletableFuture<T> result = new CompletableFuture<>();
        callById.put(id, result);
        try {
            whenDone(operation.get(), (value, error) -> {
                callById.remove(id);
                if (error == null) {
                    result.complete(value);
                } else {
                    result.completeExceptionally(BrokerErrors.of(what.get(), error));
                }
            });
        } catch (RuntimeException e) {
            callById.remove(id);
            result.completeExceptionally(closed ? closedError() : BrokerErrors.of(what.get(), e));
        }
        // close() may have looked at the map before this call was in it
        if (closed && callById.remove(id) != null) {
            result.completeExceptionally(closedError());
        }
        return result;
    }

    /** Fails all calls, and any later one. */
    void close() {
        closed = true;
        callById.values().forEach(call -> call.completeExceptionally(closedError()));
    }

    /** {@link CompletableFuture#whenComplete} for an action that handles the error and cannot throw. */
    @SuppressWarnings("FutureReturnValueIgnored") // the action is the end of the chain
    static <T> void whenDone(CompletableFuture<T> future, BiConsumer<? super T, ? super @Nullable Throwable> action) {
        future.whenComplete(action);
    }

    private static BrokerException closedError() {
        return new BrokerException("broker gateway is closed", null, false);
    }
}
