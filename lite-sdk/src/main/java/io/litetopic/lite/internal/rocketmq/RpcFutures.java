package io.litetopic.lite.internal.rocketmq;

import io.litetopic.lite.internal.consumer.Futures;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import org.apache.rocketmq.client.java.rpc.RpcFuture;

/** Turns the client's futures into those of the JDK. */
final class RpcFutures {

    private RpcFutures() {}

    static <T> CompletableFuture<T> toCompletable(RpcFuture<?, T> rpc) {
        return toCompletable(rpc, Runnable::run);
    }

    /**
     * Completes on the executor.
     *
     * @param executor for calls that belong to a {@link CallScope}: gRPC's own threads run what follows in the call's
     *     context, and a call that is made there would end with the scope
     */
    static <T> CompletableFuture<T> toCompletable(RpcFuture<?, T> rpc, Executor executor) {
        CompletableFuture<T> result = new CompletableFuture<>();
        rpc.addListener(() -> complete(rpc, result), executor);
        return result;
    }

    private static <T> void complete(RpcFuture<?, T> rpc, CompletableFuture<T> result) {
        try {
            result.complete(rpc.get());
        } catch (ExecutionException e) {
            result.completeExceptionally(Futures.causeOf(e));
        } catch (InterruptedException e) {
            // It is done, so get() does not wait; the flag was set before.
            Thread.currentThread().interrupt();
            result.completeExceptionally(e);
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    static String requestId(RpcFuture<?, ?> rpc) {
        return rpc.getContext() == null ? "unknown" : rpc.getContext().getRequestId();
    }
}
