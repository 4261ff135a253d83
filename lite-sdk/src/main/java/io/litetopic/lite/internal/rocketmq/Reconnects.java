package io.litetopic.lite.internal.rocketmq;

import io.litetopic.lite.LiteException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import org.apache.rocketmq.client.java.impl.ClientManager;
import org.apache.rocketmq.client.java.route.Endpoints;
import org.jspecify.annotations.Nullable;

/**
 * Makes the official client connect again to a proxy now. By itself, gRPC waits after each failure to connect, from a
 * second up to two minutes, and lets all calls fail meanwhile: a proxy that is back would not be used for as long as it was
 * away. The client keeps its connections to itself, so they are read from its fields.
 *
 * <p>Thread-safe.
 */
final class Reconnects {

    private static final String CLIENT = "org.apache.rocketmq.client.java.";

    private final ReadWriteLock lock;
    private final Map<?, ?> connections; // guarded by lock, which is the client's
    private final Field channel;
    private final Method resetBackoff;

    private Reconnects(ReadWriteLock lock, Map<?, ?> connections, Field channel, Method resetBackoff) {
        this.lock = lock;
        this.connections = connections;
        this.channel = channel;
        this.resetBackoff = resetBackoff;
    }

    static Reconnects of(ClientManager manager, ClassLoader loader) throws LiteException {
        try {
            Class<?> managerType = Class.forName(CLIENT + "impl.ClientManagerImpl", true, loader);
            Field channel = field(Class.forName(CLIENT + "rpc.RpcClientImpl", true, loader), "channel");
            return new Reconnects(
                    (ReadWriteLock) field(managerType, "rpcClientTableLock").get(manager),
                    (Map<?, ?>) field(managerType, "rpcClientTable").get(manager),
                    channel,
                    channel.getType().getMethod("resetConnectBackoff"));
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
        try {
            resetBackoff.invoke(channel.get(connection));
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("gRPC does not connect again", e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("connections of the official client are not accessible", e);
        }
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
