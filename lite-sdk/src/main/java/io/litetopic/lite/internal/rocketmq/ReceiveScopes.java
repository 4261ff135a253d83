package io.litetopic.lite.internal.rocketmq;

import io.litetopic.lite.LiteException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The receive calls, which are ended together for each proxy.
 *
 * <p>Thread-safe.
 */
final class ReceiveScopes {

    private final ClassLoader loader;

    // guarded by this
    private final Map<String, CallScope> byProxy = new HashMap<>();
    private boolean closed;

    private ReceiveScopes(ClassLoader loader) {
        this.loader = loader;
    }

    static ReceiveScopes of(ClassLoader loader) throws LiteException {
        CallScope.open(loader).cancel(); // Whether that works is found out now, not with the first call.
        return new ReceiveScopes(loader);
    }

    /** Where to start calls to the proxy; null if none may be started any more. */
    synchronized @Nullable CallScope forProxy(String proxy) {
        if (closed) {
            return null;
        }
        return byProxy.computeIfAbsent(proxy, absent -> {
            try {
                return CallScope.open(loader);
            } catch (LiteException e) {
                throw new IllegalStateException("gRPC context was there before", e);
            }
        });
    }

    /** Ends the calls to all other proxies. */
    void retain(Set<String> proxies) {
        List<CallScope> ended = new ArrayList<>();
        synchronized (this) {
            byProxy.entrySet().removeIf(entry -> {
                boolean ends = !proxies.contains(entry.getKey());
                if (ends) {
                    ended.add(entry.getValue());
                }
                return ends;
            });
        }
        ended.forEach(CallScope::cancel);
    }

    /** Ends all calls; no more may be started. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        retain(Collections.emptySet());
    }
}
