package io.litetopic.lite.internal.consumer;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits the calls that are under way to each proxy; the others wait for their turn. The time limit of a call begins with
 * it: of thousands at once the last ones would end before they are answered.
 *
 * <p>Thread-safe.
 */
final class CallWindow {

    private final int maxCalls;

    private final Map<String, Calls> byProxy = new HashMap<>(); // guarded by this; only those with calls under way

    CallWindow(int maxCalls) {
        this.maxCalls = maxCalls;
    }

    /**
     * Makes a call when it is its turn, on this thread if that is now.
     *
     * @param call makes the call, or decides that it is not needed any more
     * @return what comes of the call
     */
    CompletableFuture<Void> call(String proxy, Supplier<CompletableFuture<Void>> call) {
        Waiting first = new Waiting(call);
        synchronized (this) {
            Calls calls = byProxy.computeIfAbsent(proxy, absent -> new Calls());
            if (calls.underWay >= maxCalls) {
                calls.waiting.add(first);
                return first.result;
            }
            calls.underWay++;
        }
        start(proxy, first);
        return first.result;
    }

    private void start(String proxy, Waiting first) {
        Waiting call = first;
        while (call != null) {
            CompletableFuture<Void> result = call.result;
            CompletableFuture<Void> underWay = call.supplier.get();
            boolean isDone = underWay.isDone();
            Futures.onDone(
                    underWay,
                    done -> {
                        goOnUnless(isDone, proxy);
                        result.complete(null);
                    },
                    failure -> {
                        goOnUnless(isDone, proxy);
                        result.completeExceptionally(failure);
                    });
            // A loop rather than the callback: thousands that need no call would make the stack as deep.
            call = isDone ? next(proxy) : null;
        }
    }

    private void goOnUnless(boolean isDone, String proxy) {
        Waiting next = isDone ? null : next(proxy);
        if (next != null) {
            start(proxy, next);
        }
    }

    private synchronized @Nullable Waiting next(String proxy) {
        Calls calls = byProxy.get(proxy);
        if (calls == null) {
            throw new IllegalStateException("more calls have ended than begun proxy=" + proxy);
        }
        Waiting next = calls.waiting.poll();
        if (next == null) {
            calls.underWay--;
            if (calls.underWay == 0) {
                byProxy.remove(proxy);
            }
        }
        return next;
    }

    private static final class Waiting {
        private final Supplier<CompletableFuture<Void>> supplier;
        private final CompletableFuture<Void> result = new CompletableFuture<>();

        private Waiting(Supplier<CompletableFuture<Void>> supplier) {
            this.supplier = supplier;
        }
    }

    private static final class Calls {
        private final Queue<Waiting> waiting = new ArrayDeque<>();
        private int underWay;
    }
}
