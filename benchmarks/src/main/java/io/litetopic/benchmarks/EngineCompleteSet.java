package io.litetopic.benchmarks;

import io.litetopic.proxy.engine.SubscribeResult;
import java.util.HashSet;
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
 * For how long does a client hold up the engine that sends its whole, unchanged set of subscriptions again, as clients do every
 * 30 s?
 *
 * <pre>
 * java -jar benchmarks/target/benchmarks.jar EngineCompleteSet -prof gc
 * </pre>
 *
 * <p>One operation is one such call. Its set is made beforehand, of strings that are equal to the engine's but not the same.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms4g", "-Xmx4g", "-XX:+UseG1GC"})
@SuppressWarnings("NullAway.Init") // JMH calls subscribe() first
public class EngineCompleteSet {
    /** Names in the client's set. */
    @Param({"2000", "100000"})
    int subscribed;

    private final CostMeter cost = new CostMeter();
    private long operations;
    private DrivenGroup group;
    private Set<String> sameNames;

    @Setup(Level.Trial)
    public void subscribe() {
        group = new DrivenGroup(DrivenGroup.settings().build());
        group.clientSeen(Load.clientId(0));
        group.subscribe(Load.clientId(0), names());
        sameNames = names();
        // Names that were added in the last seconds are treated differently.
        group.advance(TimeUnit.SECONDS.toNanos(30));
    }

    private Set<String> names() {
        Set<String> names = new HashSet<>();
        for (int index = 0; index < subscribed; index++) {
            names.add(DrivenGroup.name(index));
        }
        return names;
    }

    @Setup(Level.Iteration)
    public void start() {
        operations = 0;
        cost.start();
    }

    @Benchmark
    public SubscribeResult unchanged() {
        operations++;
        group.advance(1_000);
        SubscribeResult result = group.engine().subscribeExactly(Load.clientId(0), sameNames, null, group.nowNanos());
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
        cost.print("call");
    }
}
