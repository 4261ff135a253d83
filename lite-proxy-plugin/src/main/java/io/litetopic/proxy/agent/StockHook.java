package io.litetopic.proxy.agent;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;

/**
 * A stock method the agent hooks into, and the code it puts at its start. Loaded, and Byte Buddy with it, only in a JVM that loads
 * one of the classes.
 */
final class StockHook {
    private static final List<StockHook> ALL = Collections.unmodifiableList(Arrays.asList(
            new StockHook(
                    "org.apache.rocketmq.proxy.grpc.v2.GrpcMessagingApplication",
                    named("create")
                            .and(takesArguments(1))
                            .and(takesArgument(0, named("org.apache.rocketmq.proxy.processor.MessagingProcessor"))),
                    StockAdvice.OnCreate.class),
            new StockHook(
                    "org.apache.rocketmq.proxy.grpc.GrpcServerBuilder",
                    named("addService").and(takesArguments(1)).and(takesArgument(0, named("io.grpc.BindableService"))),
                    StockAdvice.OnAddService.class),
            new StockHook(
                    "org.apache.rocketmq.proxy.grpc.GrpcServer",
                    named("shutdown").and(takesArguments(0)),
                    StockAdvice.OnShutdown.class),
            new StockHook(
                    "org.apache.rocketmq.broker.BrokerController",
                    named("shutdown").and(takesArguments(0)),
                    StockAdvice.OnShutdown.class)));

    private final String className;
    private final ElementMatcher.Junction<MethodDescription> method;
    private final Class<?> advice;

    private StockHook(String className, ElementMatcher.Junction<MethodDescription> method, Class<?> advice) {
        this.className = className;
        this.method = method;
        this.advice = advice;
    }

    /** @throws IllegalStateException if the class has no such method, as in a version of RocketMQ that is not supported */
    static byte[] advise(String className, byte[] classFile, ClassLoader loader) {
        for (StockHook candidate : ALL) {
            if (candidate.className.equals(className)) {
                return candidate.advise(classFile, loader);
            }
        }
        throw new IllegalArgumentException("nothing to hook into: " + className);
    }

    private byte[] advise(byte[] classFile, ClassLoader loader) {
        ClassFileLocator locator = new ClassFileLocator.Compound(
                ClassFileLocator.Simple.of(className, classFile), ClassFileLocator.ForClassLoader.of(loader));
        TypeDescription type = TypePool.Default.of(locator).describe(className).resolve();
        if (type.getDeclaredMethods().filter(method).isEmpty()) {
            throw new IllegalStateException("this proxy's " + className + " has no method " + method
                    + "; use a RocketMQ version that the plugin supports");
        }
        return new ByteBuddy()
                .with(TypeValidation.DISABLED)
                .redefine(type, locator)
                .visit(Advice.to(advice).on(method))
                .make()
                .getBytes();
    }
}
