package io.litetopic.proxy.grpc;

import io.litetopic.proxy.engine.Delivery;
import io.litetopic.proxy.engine.ReceiptHandle;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The last receive calls of each client by attempt id. A client that gives a call up while its answer is on the way repeats it
 * with the same attempt id: what the answer held never arrived, and goes back at once instead of being held by a client that does
 * not know of it.
 *
 * <p>Bounded: the last {@value #MAX_ATTEMPTS_PER_CLIENT} calls of the {@value #MAX_CLIENTS} clients that called last. Thread-safe.
 */
final class ReceiveAttempts {
    static final int MAX_ATTEMPTS_PER_CLIENT = 8;
    static final int MAX_CLIENTS = 10_000;

    private final Map<String, Map<String, Attempt>> byClient = lastUsed(MAX_CLIENTS);

    /** One receive call. Holds no message once it is answered. Thread-safe. */
    static final class Attempt {
        private final Consumer<ReceiptHandle> giveBack;

        // guarded by this
        private @Nullable Runnable cancel;
        private List<ReceiptHandle> answered = new ArrayList<>();

        private Attempt(Runnable cancel, Consumer<ReceiptHandle> giveBack) {
            this.cancel = cancel;
            this.giveBack = giveBack;
        }

        /** The answer is on its way to the client. */
        void answered(List<Delivery> deliveries) {
            List<ReceiptHandle> firsts = new ArrayList<>();
            Set<String> liteTopics = new HashSet<>();
            for (Delivery delivery : deliveries) {
                if (liteTopics.add(delivery.liteTopic())) {
                    firsts.add(delivery.receiptHandle()); // what comes after it goes back with it
                }
            }
            synchronized (this) {
                cancel = null;
                answered = firsts;
            }
        }

        private void undo() {
            Runnable pending;
            List<ReceiptHandle> lost;
            synchronized (this) {
                pending = cancel;
                cancel = null;
                lost = answered;
                answered = new ArrayList<>();
            }
            if (pending != null) {
                pending.run();
            }
            lost.forEach(giveBack);
        }
    }

    /**
     * A receive call begins. If the client has made it before, that call is undone first.
     *
     * @param cancel ends the call as long as it is not answered
     * @param giveBack returns a delivery, and the later ones of its lite topic, that did not reach the client
     */
    Attempt begin(String clientId, String attemptId, Runnable cancel, Consumer<ReceiptHandle> giveBack) {
        Attempt attempt = new Attempt(cancel, giveBack);
        Attempt earlier;
        synchronized (this) {
            earlier = byClient.computeIfAbsent(clientId, id -> lastUsed(MAX_ATTEMPTS_PER_CLIENT))
                    .put(attemptId, attempt);
        }
        if (earlier != null) {
            earlier.undo();
        }
        return attempt;
    }

    /** The client ends. */
    synchronized void forget(String clientId) {
        byClient.remove(clientId);
    }

    private static <V> Map<String, V> lastUsed(int max) {
        return new LinkedHashMap<String, V>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > max;
            }
        };
    }
}
