package io.litetopic.proxy.grpc;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Clients whose settings were refused a moment ago, and why. A client that starts repeats its attempt on the stream that was
 * closed on it and so hides the reason; each attempt begins with a query for a route, whose answer it does report. Thread-safe.
 */
final class RefusedClients {
    private static final int MAX_CLIENTS = 10_000;
    private static final long SECONDS = 15;

    private final Cache<String, String> problems = CacheBuilder.newBuilder()
            .expireAfterWrite(SECONDS, TimeUnit.SECONDS)
            .maximumSize(MAX_CLIENTS)
            .build();

    void refused(String clientId, String problem) {
        problems.put(clientId, problem);
    }

    @Nullable
    String problemOf(String clientId) {
        return problems.getIfPresent(clientId);
    }
}
