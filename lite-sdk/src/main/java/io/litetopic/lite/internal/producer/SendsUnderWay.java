package io.litetopic.lite.internal.producer;

import io.litetopic.lite.LiteException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The sends that have no result yet.
 *
 * <p>Thread-safe.
 */
@SuppressWarnings("CollectionUndefinedEquality") // each send is itself only
final class SendsUnderWay {

    private final Duration limit;
    private final Set<CompletableFuture<?>> sends = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** @param limit the longest time that a send may take */
    SendsUnderWay(Duration limit) {
        this.limit = limit;
    }

    /**
     * Waits for the send at close, until it is done in any way.
     *
     * @return false if no send may begin any more
     */
    boolean begin(CompletableFuture<?> send) {
        sends.add(send);
        if (closed) {
            sends.remove(send);
            return false;
        }
        return true;
    }

    /** To be called once the send is done. */
    void end(CompletableFuture<?> send) {
        sends.remove(send);
    }

    /**
     * Lets no further send begin and blocks until all are done. Those that take longer than the limit fail.
     *
     * @return false if they were closed before
     */
    boolean close() {
        synchronized (this) {
            if (closed) {
                return false;
            }
            closed = true; // A send that begins now either sees this, or is waited for.
        }
        CompletableFuture<?>[] last = sends.toArray(new CompletableFuture<?>[0]);
        try {
            CompletableFuture.allOf(last).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException expected) {
            // Each send tells its own caller.
        } catch (TimeoutException e) {
            fail(last, "it took longer than a send may take [limit=" + limit + "]");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(last, "the thread that closes the producer was interrupted");
        }
        return true;
    }

    private static void fail(CompletableFuture<?>[] sends, String why) {
        for (CompletableFuture<?> send : sends) {
            send.completeExceptionally(new LiteException(
                    "producer was closed before the server answered the send, " + why
                            + "; the message may have been stored all the same",
                    true,
                    null,
                    null));
        }
    }
}
