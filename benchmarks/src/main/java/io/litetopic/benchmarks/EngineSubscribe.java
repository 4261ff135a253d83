package io.litetopic.benchmarks;

import io.litetopic.proxy.engine.SubscribeResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.IterationParams;

/**
 * What does it cost to subscribe to one more lite topic, and does it matter how many the client has?
 *
 * <pre>
 * java -jar benchmarks/target/benchmarks.jar EngineSubscribe -prof gc
 * </pre>
 *
 * <p>One operation subscribes one name that nobody else knows and unsubscribes it again, so that the set keeps its size: a lite
 * topic comes into being and goes, in the engine and in the registry of the bind topic. The names are made beforehand.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms4g", "-Xmx4g", "-XX:+UseG1GC"})
@SuppressWarnings("NullAway.Init") // JMH calls subscribe() first
public class EngineSubscribe {
    private static final int NEW_NAMES = 1_024;

    /** Names in the client's set. */
    @Param({"0", "1000", "100000"})
    int subscribed;

    private final CostMeter cost = new CostMeter();
    private long operations;
    private DrivenGroup group;
    private List<Set<String>> newNames;
    private int next;

    @Setup(Level.Trial)
    public void subscribe() {
        group = new DrivenGroup(DrivenGroup.settings().build());
        group.clientSeen(Load.clientId(0));
        Set<String> names = new HashSet<>();
        for (int index = 0; index < subscribed; index++) {
            names.add(DrivenGroup.name(index));
        }
        group.subscribe(Load.clientId(0), names);
        newNames = new ArrayList<>(NEW_NAMES);
        for (int index = 0; index < NEW_NAMES; index++) {
            newNames.add(Set.of(DrivenGroup.name(subscribed + index)));
        }
    }

    @Setup(Level.Iteration)
    public void start() {
        operations = 0;
        cost.start();
    }

    @Benchmark
    public SubscribeResult oneMore() {
        operations++;
        group.advance(1_000);
        Set<String> name = newNames.get(next++ & (NEW_NAMES - 1));
        group.subscribe(Load.clientId(0), name);
        SubscribeResult result = group.engine().unsubscribe(Load.clientId(0), name, group.nowNanos());
        if (result.subscribed() != subscribed) {
            throw new IllegalStateException("subscriptions are lost or left: " + result.subscribed());
        }
        return result;
    }

    @TearDown(Level.Iteration)
    public void iterationEnds(IterationParams iteration) {
        cost.stop(operations);
        cost.iterationEnds(iteration);
    }

    @TearDown(Level.Trial)
    public void print() {
        cost.print("pair");
    }
}
