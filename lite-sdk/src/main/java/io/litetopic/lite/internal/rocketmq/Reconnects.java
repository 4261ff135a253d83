package io.litetopic.lite.internal.rocketmq;

import io.litetopic.lite.LiteException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.function.Supplier;
import org.apache.rocketmq.client.java.impl.ClientManager;
import org.apache.rocketmq.client.java.route.Endpoints;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the official client connect again to a proxy now, and ends connections that it does not need any more. The client keeps its
 * connections to itself, so they are read from its fields.
 *
 * <p>By itself, gRPC waits after each failure to connect, from a second up to two minutes, and lets all calls fail meanwhile: a proxy
 * that is back would not be used for as long as it was away.
 *
 * <p>The client closes a connection that no call was made on for 30 minutes. It waits for the streams on it to end then, with a lock that
 * all its calls need: if the proxy has left the route and lives, its telemetry stream never ends, and the client hangs for good. So such
 * connections are ended here, long before.
 *
 * <p>Thread-safe.
 */
final class Reconnects {

    /** How often connections that are not used are looked for: they live for once to twice that long. */
    static final Duration UNUSED_PERIOD = Duration.ofMinutes(1);

    private static final Logger log = LoggerFactory.getLogger(Reconnects.class);

    private static final String CLIENT = "org.apache.rocketmq.client.java.";

    private final ReadWriteLock lock;
    private final Map<?, ?> connections; // guarded by lock, which is the client's
    private final Field channel;
    private final Method resetBackoff;
    private final Method shutdownNow;
    private Set<Object> unusedBefore = Collections.emptySet(); // guarded by lock

    private Reconnects(ReadWriteLock lock, Map<?, ?> connections, Field channel) throws NoSuchMethodException {
        this.lock = lock;
        this.connections = connections;
        this.channel = channel;
        this.resetBackoff = channel.getType().getMethod("resetConnectBackoff");
        this.shutdownNow = channel.getType().getMethod("shutdownNow");
    }

    static Reconnects of(ClientManager manager, ClassLoader loader) throws LiteException {
        try {
            Class<?> managerType = Class.forName(CLIENT + "impl.ClientManagerImpl", true, loader);
            Field channel = field(Class.forName(CLIENT + "rpc.RpcClientImpl", true, loader), "channel");
            return new Reconnects(
                    (ReadWriteLock) field(managerType, "rpcClientTableLock").get(manager),
                    (Map<?, ?>) field(managerType, "rpcClientTable").get(manager),
                    channel);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw ClientCompatibility.unsupported(loader, "missing=access to its connections", e);
        }
    }

    /** Ends the wait for the next attempt to connect, if there is one. */
    void reconnect(Endpoints proxy) {
        Object connection = connection(proxy);
        if (connection == null) {
            return; // The first call makes it.
        }
        invoke(resetBackoff, connection);
    }

    /**
     * Ends the connections to all but these proxies, if the call before did not name them either. Calls on them fail.
     *
     * @param used those in the route and the access point
     */
    void endUnused(Set<Endpoints> used) {
        List<Object> ended = new ArrayList<>();
        lock.writeLock().lock();
        try {
            Set<Object> unused = new HashSet<>();
            Iterator<? extends Map.Entry<?, ?>> entries = connections.entrySet().iterator();
            while (entries.hasNext()) {
                Map.Entry<?, ?> entry = entries.next();
                if (used.contains(entry.getKey())) {
                    continue;
                }
                if (unusedBefore.contains(entry.getKey())) {
                    log.info("connection to a proxy that has left the route is ended proxy={}", entry.getKey());
                    ended.add(entry.getValue());
                    entries.remove();
                } else {
                    unused.add(entry.getKey());
                }
            }
            unusedBefore = unused;
        } finally {
            lock.writeLock().unlock();
        }
        ended.forEach(connection -> invoke(shutdownNow, connection));
    }

    private void invoke(Method method, Object connection) {
        try {
            method.invoke(channel.get(connection));
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(method.getName() + " of a connection failed", e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("connections of the official client are not accessible", e);
        }
    }

    /** Calls {@link #endUnused} every minute, on the client's own scheduler, until the client is closed. */
    void endUnusedAlways(ClientManager manager, Supplier<Set<Endpoints>> used) {
        Runnable task = () -> {
            try {
                endUnused(used.get());
            } catch (RuntimeException e) {
                log.error("connections to proxies that have left the route are not ended", e);
            }
        };
        long millis = UNUSED_PERIOD.toMillis();
        Object scheduled = manager.getScheduler().scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
        log.debug("unused connections will be ended task={}", scheduled);
    }

    private @Nullable Object connection(Endpoints proxy) {
        lock.readLock().lock();
        try {
            return connections.get(proxy);
        } finally {
            lock.readLock().unlock();
        }
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
