package io.litetopic.lite.internal.rocketmq;

import io.litetopic.lite.LiteException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls that can be ended together at once. The official client has no means to end a long poll, and its close waits for
 * it; but every gRPC call ends with the gRPC context in which it was started. The context class is found by name, as it
 * is shaded in one variant of the client and not in the other.
 *
 * <p>Thread-safe.
 */
final class CallScope {

    private static final String[] CONTEXT_CLASSES = {"org.apache.rocketmq.shaded.io.grpc.Context", "io.grpc.Context"};

    private final Object context;
    private final Method run;
    private final Method cancel;

    private CallScope(Object context, Method run, Method cancel) {
        this.context = context;
        this.run = run;
        this.cancel = cancel;
    }

    static CallScope open(ClassLoader loader) throws LiteException {
        ReflectiveOperationException notFound = null;
        for (String className : CONTEXT_CLASSES) {
            try {
                Class<?> type = Class.forName(className, true, loader);
                Object root = type.getField("ROOT").get(null);
                Object context = type.getMethod("withCancellation").invoke(root);
                return new CallScope(
                        context,
                        type.getMethod("run", Runnable.class),
                        context.getClass().getMethod("cancel", Throwable.class));
            } catch (ReflectiveOperationException e) {
                notFound = e;
            }
        }
        throw ClientCompatibility.unsupported(loader, "missing=a gRPC context", notFound);
    }

    /** Makes a call on this thread; the gRPC calls that it starts belong to this scope. */
    <T> T start(Supplier<T> call) {
        List<T> result = new ArrayList<>(1);
        Runnable task = () -> result.add(call.get());
        invoke(run, task);
        return result.get(0);
    }

    /** Ends all calls of this scope; those started later fail at once. */
    void cancel() {
        invoke(cancel, null);
    }

    private void invoke(Method method, @Nullable Object argument) {
        try {
            method.invoke(context, argument);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("call in a gRPC context failed", e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("gRPC context is not accessible", e);
        }
    }
}
