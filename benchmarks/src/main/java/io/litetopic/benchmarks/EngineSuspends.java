package io.litetopic.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.IterationParams;

/**
 * What does a suspend cost until its message is delivered again, and does it matter how many other lite topics are suspended?
 *
 * <pre>
 * java -jar benchmarks/target/benchmarks.jar EngineSuspends -prof gc
 * </pre>
 *
 * <p>One operation is one suspend of a held message for 1 ms, its resume, and its next delivery. A turn suspends 32 lite topics by
 * handle, polls again, lets 1 ms pass and dispatches once. Not measured: the polls and the text of the handles. CPU time and bytes of
 * the measured part alone are printed at the end of each fork.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms4g", "-Xmx4g", "-XX:+UseG1GC"})
@SuppressWarnings("NullAway.Init") // JMH calls suspendOthers() first
public class EngineSuspends {
    private static final int LITE_TOPICS = 32;
    private static final long SUSPEND_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long OTHERS_SUSPEND_NANOS = TimeUnit.DAYS.toNanos(300);

    /** Other lite topics that stay suspended all the time. */
    @Param({"0", "100000"})
    int pending;

    private final CostMeter cost = new CostMeter();
    private Load load;

    @Setup(Level.Trial)
    public void suspendOthers() {
        load = new Load(DrivenGroup.settings().build(), pending + LITE_TOPICS, 1);
        for (int index = 0; index < pending; index++) {
            load.group().bringOneOfEach(new int[] {index});
            load.prepareReplies();
            load.suspendAll(OTHERS_SUSPEND_NANOS);
            load.pollAgain();
            load.group().dispatch();
        }
        load.group()
                .bringOneOfEach(IntStream.range(pending, pending + LITE_TOPICS).toArray());
        // The first polls take what the first reads bring; once these were suspended, all come at once.
        for (int turn = 0; turn < 3; turn++) {
            load.prepareReplies();
            suspends();
        }
    }

    @Setup(Level.Invocation)
    public void prepare() {
        load.prepareReplies();
        if (load.repliesPrepared() != LITE_TOPICS) {
            throw new IllegalStateException("not all lite topics were delivered again: " + load.repliesPrepared());
        }
        cost.start();
    }

    @Benchmark
    @OperationsPerInvocation(LITE_TOPICS)
    public int suspends() {
        load.suspendAll(SUSPEND_NANOS);
        load.pollAgain();
        load.group().advance(SUSPEND_NANOS);
        load.group().dispatch();
        return load.repliesPrepared();
    }

    @TearDown(Level.Invocation)
    public void count() {
        cost.stop(LITE_TOPICS);
    }

    @TearDown(Level.Iteration)
    public void iterationEnds(IterationParams iteration) {
        cost.iterationEnds(iteration);
    }

    @TearDown(Level.Trial)
    public void print() {
        cost.print("suspend");
    }
}
