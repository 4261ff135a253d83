package io.litetopic.proxy.access;

import io.litetopic.proxy.config.LimitsConfig;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What one client may ask for at a time, so that a faulty one takes neither the proxy's memory nor the engine's time. Limits are
 * per client id; where the proxy authenticates, nobody else can use up a client's share. Thread-safe.
 */
final class ClientLimits {
    /** A bucket is full again long before. */
    static final long IDLE_SECONDS = 60;

    private final LimitsConfig config;
    private final long intervalNanos;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();
    private final Map<String, Integer> receivesOfClient = new ConcurrentHashMap<>();
    private final Map<String, Integer> receivesOfGroup = new ConcurrentHashMap<>();

    ClientLimits(LimitsConfig config) {
        this.config = config;
        this.intervalNanos = TimeUnit.SECONDS.toNanos(1) / config.requestsPerSecond();
    }

    /** The generic cell rate algorithm: one number instead of a counter and a time. */
    private static final class Bucket {
        /** When the requests so far would be over at the limit. Guarded by this. */
        private long doneAtNanos;

        Bucket(long nowNanos) {
            doneAtNanos = nowNanos;
        }

        synchronized boolean take(long nowNanos, long intervalNanos) {
            if (doneAtNanos - nowNanos < 0) {
                doneAtNanos = nowNanos;
            }
            if (doneAtNanos - nowNanos > TimeUnit.SECONDS.toNanos(1) - intervalNanos) {
                return false;
            }
            doneAtNanos += intervalNanos;
            return true;
        }

        synchronized boolean isIdle(long nowNanos) {
            return nowNanos - doneAtNanos > TimeUnit.SECONDS.toNanos(IDLE_SECONDS);
        }
    }

    /** @throws AccessException if the client has sent too many requests during the last second */
    void countRequest(String clientId, long nowNanos) {
        Bucket bucket = buckets.get(clientId);
        if (bucket == null) {
            bucket = buckets.computeIfAbsent(clientId, id -> new Bucket(nowNanos));
        }
        if (!bucket.take(nowNanos, intervalNanos)) {
            throw tooMany(
                    "the client sends too many requests", clientId, "requestsPerSecond", config.requestsPerSecond());
        }
    }

    /** @throws AccessException if the request is too large */
    void checkBytes(int bytes) {
        checkSize("the request is too large", "bytes", bytes, "requestBytes", config.requestBytes());
    }

    /** @throws AccessException if there are too many */
    void checkNames(int names) {
        checkSize(
                "the request names too many lite topics",
                "liteTopics",
                names,
                "namesPerRequest",
                config.namesPerRequest());
    }

    /** @throws AccessException if there are too many */
    void checkAcks(int entries) {
        checkSize(
                "the request acknowledges too many messages",
                "entries",
                entries,
                "acksPerRequest",
                config.acksPerRequest());
    }

    /**
     * A receive call starts to wait.
     *
     * @return run it when the call is over, however that happens; only the first run counts
     * @throws AccessException if too many wait already
     */
    Runnable receiveStarts(String clientId, String group) {
        if (!increment(receivesOfClient, clientId, config.receivesPerClient())) {
            throw tooMany(
                    "too many receive calls of the client wait",
                    clientId,
                    "receivesPerClient",
                    config.receivesPerClient());
        }
        if (!increment(receivesOfGroup, group, config.receivesPerGroup())) {
            decrement(receivesOfClient, clientId);
            throw tooMany(
                    "too many receive calls of consumer group " + group + " wait",
                    clientId,
                    "receivesPerGroup",
                    config.receivesPerGroup());
        }
        AtomicBoolean isOver = new AtomicBoolean();
        return () -> {
            if (isOver.compareAndSet(false, true)) {
                decrement(receivesOfClient, clientId);
                decrement(receivesOfGroup, group);
            }
        };
    }

    /** Forgets clients that have sent nothing for a while. Cost: one look at each client. */
    void evictIdle(long nowNanos) {
        buckets.values().removeIf(bucket -> bucket.isIdle(nowNanos));
    }

    /** Clients that something is remembered of. */
    int size() {
        return Math.max(buckets.size(), receivesOfClient.size());
    }

    private static boolean increment(Map<String, Integer> counts, String key, int max) {
        boolean[] counted = {false};
        counts.compute(key, (name, count) -> {
            int current = count == null ? 0 : count;
            counted[0] = current < max;
            return counted[0] ? Integer.valueOf(current + 1) : count;
        });
        return counted[0];
    }

    private static void decrement(Map<String, Integer> counts, String key) {
        counts.computeIfPresent(key, (name, count) -> count == 1 ? null : count - 1);
    }

    private static void checkSize(String problem, String what, int actual, String key, int max) {
        if (actual > max) {
            throw new AccessException(
                    AccessException.Reason.TOO_LARGE,
                    problem + " [" + what + '=' + actual + ", max=" + max + "]; split it, or raise limits." + key
                            + " in the plugin's configuration");
        }
    }

    private static AccessException tooMany(String problem, String clientId, String key, int max) {
        return new AccessException(
                AccessException.Reason.TOO_MANY_REQUESTS,
                problem + " [clientId=" + clientId + ", max=" + max + "]; slow down, or raise limits." + key
                        + " in the plugin's configuration");
    }
}
