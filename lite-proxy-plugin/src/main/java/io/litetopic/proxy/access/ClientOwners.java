package io.litetopic.proxy.access;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which user acts under which client id. Client ids are chosen by the clients, so the first authenticated user of one keeps it
 * until that client has ended, or has neither sent a request nor had a stream for {@value #IDLE_SECONDS} s. Thread-safe.
 */
final class ClientOwners {
    /** Longer than a client may be silent before its deliveries and subscriptions are given up, and than any long poll. */
    static final long IDLE_SECONDS = 120;

    /** About 200 bytes each. New clients are refused beyond it: to forget one of those that are there would free its id. */
    static final int MAX_CLIENTS = 1_000_000;

    private final int maxClients;
    private final Map<String, Owner> owners = new ConcurrentHashMap<>();

    ClientOwners() {
        this(MAX_CLIENTS);
    }

    ClientOwners(int maxClients) {
        this.maxClients = maxClients;
    }

    private static final class Owner {
        final String user;
        volatile long lastSeenNanos;
        /** Guarded by the map's entry. */
        int streams;

        Owner(String user, long nowNanos) {
            this.user = user;
            this.lastSeenNanos = nowNanos;
        }

        boolean isIdle(long nowNanos) {
            return streams == 0 && nowNanos - lastSeenNanos > IDLE_SECONDS * 1_000_000_000L;
        }
    }

    /** @throws AccessException if the client id is another user's, or there are too many clients */
    void claim(String clientId, String user, long nowNanos) {
        Owner owner = owners.get(clientId);
        if (owner == null || !owner.user.equals(user) || owner.isIdle(nowNanos)) {
            owner = owners.compute(clientId, (id, current) -> {
                if (current != null && (current.user.equals(user) || !current.isIdle(nowNanos))) {
                    if (current.user.equals(user)) {
                        current.lastSeenNanos = nowNanos;
                    }
                    return current;
                }
                if (current == null && owners.size() >= maxClients) {
                    throw new AccessException(
                            AccessException.Reason.TOO_MANY_REQUESTS,
                            "the proxy has too many clients [clientId=" + clientId + ", clients=" + owners.size()
                                    + ", max=" + maxClients + "]; try again later or use another proxy");
                }
                return new Owner(user, nowNanos);
            });
        }
        if (!owner.user.equals(user)) {
            throw new AccessException(
                    AccessException.Reason.FORBIDDEN,
                    "the client id is in use by another user [clientId=" + clientId + ", user=" + user
                            + "]; use a client id of your own, or wait until that client has ended");
        }
        owner.lastSeenNanos = nowNanos;
    }

    /** While it has a stream, the client keeps its id. Call it after {@link #claim}; each call needs one of {@link #streamEnded}. */
    void streamStarted(String clientId, String user) {
        owners.computeIfPresent(clientId, (id, owner) -> {
            if (owner.user.equals(user)) {
                owner.streams++;
            }
            return owner;
        });
    }

    void streamEnded(String clientId, String user, long nowNanos) {
        owners.computeIfPresent(clientId, (id, owner) -> {
            if (owner.user.equals(user) && owner.streams > 0) {
                owner.streams--;
                owner.lastSeenNanos = nowNanos;
            }
            return owner;
        });
    }

    /** The client said that it ends; the id is free again, whatever streams it has left open. */
    void release(String clientId, String user) {
        owners.computeIfPresent(clientId, (id, owner) -> owner.user.equals(user) ? null : owner);
    }

    /** Null if nobody uses the id. */
    @Nullable
    String userOf(String clientId) {
        Owner owner = owners.get(clientId);
        return owner == null ? null : owner.user;
    }

    int size() {
        return owners.size();
    }

    /** Forgets clients that are gone. Cost: one look at each client. */
    void evictIdle(long nowNanos) {
        owners.keySet()
                .forEach(id -> owners.computeIfPresent(id, (key, owner) -> owner.isIdle(nowNanos) ? null : owner));
    }
}
