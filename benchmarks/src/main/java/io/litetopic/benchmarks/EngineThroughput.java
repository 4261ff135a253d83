package io.litetopic.benchmarks;

import java.util.concurrent.TimeUnit;
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
 * How many messages per second does one engine take from read to ack, and does the number of lite topics matter?
 *
 * <pre>
 * java -jar benchmarks/target/benchmarks.jar EngineThroughput -prof gc
 * </pre>
 *
 * <p>One operation is one message. A turn acks the deliveries of the turn before by their handles, polls again, answers one read
 * with 32 messages of random lite topics out of 8 queues, and dispatches once. Measured: these calls, and the bind topic's registry
 * where a lite topic comes or goes. Not measured: making the messages, the polls and, unless {@link #handles} says otherwise, the
 * text of the handles, since other threads of the proxy do that. The profiler's bytes contain those; CPU time and bytes of
 * the measured part alone are printed at the end of each fork.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms4g", "-Xmx4g", "-XX:+UseG1GC"})
@SuppressWarnings("NullAway.Init") // JMH calls subscribe() first
public class EngineThroughput {
    private static final long NANOS_PER_TURN = 32_000;

    /** Where the text form of a receipt handle is made and read. */
    public enum Handles {
        PREPARED,
        MEASURED
    }

    @Param({"1", "1000", "100000", "1000000"})
    int liteTopics;

    @Param("1")
    int clients;

    @Param("PREPARED")
    Handles handles;

    private final CostMeter cost = new CostMeter();
    private Load load;

    @Setup(Level.Trial)
    public void subscribe() {
        load = new Load(DrivenGroup.settings().build(), liteTopics, Math.min(clients, liteTopics));
    }

    @Setup(Level.Invocation)
    public void prepare() {
        load.prepareReplies();
        load.prepareRead();
        load.group().advance(NANOS_PER_TURN);
        cost.start();
    }

    @Benchmark
    @OperationsPerInvocation(DrivenGroup.READ_MESSAGES)
    public int messages() {
        if (handles == Handles.MEASURED) {
            load.encodeParseAndAckAll();
        } else {
            load.ackAll();
        }
        load.pollAgain();
        load.answerRead();
        load.group().dispatch();
        return load.repliesPrepared();
    }

    @TearDown(Level.Invocation)
    public void count() {
        cost.stop(DrivenGroup.READ_MESSAGES);
    }

    /** Deliveries must keep up with reads, else the operations counted were not done. */
    @TearDown(Level.Iteration)
    public void check(IterationParams iteration) {
        cost.iterationEnds(iteration);
        long waiting = load.group().engine().pendingMessages();
        if (waiting > 100L * DrivenGroup.READ_MESSAGES) {
            throw new IllegalStateException("messages are read faster than they are acked: waiting=" + waiting);
        }
    }

    @TearDown(Level.Trial)
    public void print() {
        cost.print("message");
    }
}
