package io.litetopic.lite.internal.rocketmq;

import io.litetopic.lite.LiteException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.rocketmq.client.java.impl.ClientManager;
import org.apache.rocketmq.client.java.route.Endpoints;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that a connection breaks, also while no call is under way that would fail: a consumer whose threads are all
 * busy makes none. It keeps a stream open to each proxy and never writes to it; the stream ends with the connection. The
 * official client has such a stream too, but keeps its end to itself.
 *
 * <p>The class of the stream's observer is found by name, as it is shaded in one variant of the client and not in the other.
 *
 * <p>Thread-safe.
 */
final class ConnectionWatch {

    private static final Logger log = LoggerFactory.getLogger(ConnectionWatch.class);

    // as the official client has it for its own
    private static final Duration STREAM_TIMEOUT = Duration.ofDays(60 * 365);

    // A server that ends such a stream at once is not to be asked for it over and over.
    private static final long REOPEN_NANOS = Duration.ofSeconds(5).toNanos();

    private final ClientManager manager;
    private final Method telemetry;
    private final Class<?> observerType;
    private final ClassLoader loader;
    private final Consumer<Endpoints> lost;

    // guarded by this
    private final Map<Endpoints, CallScope> watched = new HashMap<>();
    private final Map<Endpoints, Long> openedNanos = new HashMap<>();
    private boolean closed;

    private ConnectionWatch(
            ClientManager manager,
            Method telemetry,
            Class<?> observerType,
            ClassLoader loader,
            Consumer<Endpoints> lost) {
        this.manager = manager;
        this.telemetry = telemetry;
        this.observerType = observerType;
        this.loader = loader;
        this.lost = lost;
    }

    /**
     * Watches nothing yet.
     *
     * @param lost called when a connection broke; must not block
     */
    static ConnectionWatch of(ClientManager manager, ClassLoader loader, Consumer<Endpoints> lost)
            throws LiteException {
        for (Method method : ClientManager.class.getMethods()) {
            Class<?>[] parameters = method.getParameterTypes();
            if (method.getName().equals("telemetry") && parameters.length == 3 && parameters[2].isInterface()) {
                return new ConnectionWatch(manager, method, parameters[2], loader, lost);
            }
        }
        throw ClientCompatibility.unsupported(loader, "missing=ClientManager.telemetry with an observer", null);
    }

    /** Watches the connection to the proxy too, until it breaks. */
    void watch(Endpoints proxy) {
        CallScope scope = begin(proxy);
        if (scope != null) {
            open(proxy, scope);
        }
    }

    /** Watches those connections no longer that do not belong to one of these proxies. */
    void retain(Set<Endpoints> proxies) {
        List<CallScope> ended = new ArrayList<>();
        synchronized (this) {
            openedNanos.keySet().retainAll(proxies);
            watched.entrySet().removeIf(entry -> {
                boolean ends = !proxies.contains(entry.getKey());
                if (ends) {
                    ended.add(entry.getValue());
                }
                return ends;
            });
        }
        ended.forEach(CallScope::cancel);
    }

    void close() {
        synchronized (this) {
            closed = true;
        }
        retain(Collections.emptySet());
    }

    private synchronized @Nullable CallScope begin(Endpoints proxy) {
        long now = System.nanoTime();
        Long before = openedNanos.get(proxy);
        if (closed || watched.containsKey(proxy) || (before != null && now - before < REOPEN_NANOS)) {
            return null;
        }
        CallScope scope;
        try {
            scope = CallScope.open(loader);
        } catch (LiteException e) {
            throw new IllegalStateException("gRPC context was there before", e);
        }
        watched.put(proxy, scope);
        openedNanos.put(proxy, now);
        return scope;
    }

    private void open(Endpoints proxy, CallScope scope) {
        Object observer = Proxy.newProxyInstance(
                observerType.getClassLoader(), new Class<?>[] {observerType}, (self, method, arguments) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return ofObject(self, method, arguments);
                    }
                    if (!method.getName().equals("onNext")) {
                        ended(proxy, scope);
                    }
                    return null;
                });
        Throwable failure = scope.start(() -> call(proxy, observer));
        if (failure != null) {
            log.debug("connection is not watched proxy={}", proxy, failure);
            synchronized (this) {
                watched.remove(proxy, scope);
            }
        }
    }

    private @Nullable Throwable call(Endpoints proxy, Object observer) {
        try {
            telemetry.invoke(manager, proxy, STREAM_TIMEOUT, observer);
            return null;
        } catch (InvocationTargetException e) {
            return e.getCause();
        } catch (IllegalAccessException e) {
            return e;
        }
    }

    private void ended(Endpoints proxy, CallScope scope) {
        synchronized (this) {
            if (!watched.remove(proxy, scope) || closed) {
                return;
            }
        }
        log.debug("connection broke proxy={}", proxy);
        lost.accept(proxy);
    }

    private static @Nullable Object ofObject(Object self, Method method, Object @Nullable [] arguments) {
        switch (method.getName()) {
            case "equals":
                return arguments != null && self == arguments[0];
            case "hashCode":
                return System.identityHashCode(self);
            default:
                return "ConnectionWatch";
        }
    }
}
