package io.litetopic.cli.demo.load;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends one tenant's requests in their order: the next one leaves when the one before it is settled, since two sends in
 * flight may overtake each other. A request that waits here counts as late from its due time, not from when it left.
 * Thread-safe; never blocks.
 */
final class TenantLane {
    private final Function<Request, CompletableFuture<?>> sender;
    private final BiConsumer<Request, @Nullable Throwable> settled;
    private final Executor executor;
    private final ArrayDeque<Request> waiting = new ArrayDeque<>(); // guarded by this
    private boolean sending; // guarded by this

    TenantLane(
            Function<Request, CompletableFuture<?>> sender,
            BiConsumer<Request, @Nullable Throwable> settled,
            Executor executor) {
        this.sender = sender;
        this.settled = settled;
        this.executor = executor;
    }

    void offer(Request request) {
        synchronized (this) {
            waiting.add(request);
            if (sending) {
                return;
            }
            sending = true;
        }
        sendNext();
    }

    private void sendNext() {
        Request next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                sending = false;
                return;
            }
        }
        Request request = next;
        // on the executor, so that a row of sends that fail at once does not grow the stack; settled does not throw
        CompletableFuture<Void> unused = send(request)
                .handleAsync(
                        (receipt, error) -> {
                            settled.accept(request, error);
                            sendNext();
                            return null;
                        },
                        executor);
    }

    private CompletableFuture<?> send(Request request) {
        try {
            return sender.apply(request);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
