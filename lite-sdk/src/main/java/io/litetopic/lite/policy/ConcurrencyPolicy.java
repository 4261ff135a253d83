package io.litetopic.lite.policy;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many calls of the listener run at a time for each key. A permit is taken before the call and is back when the
 * call, or its stage, has ended, also by an exception.
 *
 * <p>When the next call ends is not known, only estimated: from a moving average of how long calls take, how long those that
 * run have been running, and how many lite topics wait before this one. An estimate that was too early is followed by
 * another, and the lite topic keeps its place; while one is too late, a permit may lie idle, unless a lite topic comes by
 * that will be done before.
 */
public final class ConcurrencyPolicy extends LitePolicy {

    private static final Duration DEFAULT_MIN_WAIT = Duration.ofMillis(10);
    private static final Duration DEFAULT_MAX_WAIT = Duration.ofSeconds(10);

    private final Function<String, String> key;
    private final ToIntFunction<String> maximumOfKey;
    private final Duration minWait;
    private final Duration maxWait;
    private final PolicyClock clock;
    private final KeyedStates<KeyState> states;

    ConcurrencyPolicy(Function<String, String> key, ToIntFunction<String> maximumOfKey, PolicyClock clock) {
        this(key, maximumOfKey, DEFAULT_MIN_WAIT, DEFAULT_MAX_WAIT, clock);
    }

    private ConcurrencyPolicy(
            Function<String, String> key,
            ToIntFunction<String> maximumOfKey,
            Duration minWait,
            Duration maxWait,
            PolicyClock clock) {
        super("concurrency");
        this.key = key;
        this.maximumOfKey = maximumOfKey;
        this.minWait = minWait;
        this.maxWait = maxWait;
        this.clock = clock;
        this.states = new KeyedStates<>(clock, () -> new KeyState(clock.nanoTime()));
    }

    /**
     * Returns a policy of its own, with nothing running, whose estimates are kept within other bounds; 10 ms to 10 s by
     * default. A small minimum finds the end of a call sooner, a large one costs fewer suspends.
     *
     * @param min at least 1 ms
     * @param max at least {@code min}, at most 365 days
     * @throws IllegalArgumentException if one is out of range
     */
    public ConcurrencyPolicy waitBetween(Duration min, Duration max) {
        if (min.compareTo(Duration.ofMillis(1)) < 0
                || max.compareTo(min) < 0
                || max.compareTo(Duration.ofDays(365)) > 0) {
            throw new IllegalArgumentException("cannot limit concurrency: waiting times are out of range [min=" + min
                    + ", max=" + max + "]; pass 1 ms or more, up to 365 days, the smaller one first");
        }
        return new ConcurrencyPolicy(key, maximumOfKey, min, max, clock);
    }

    @Override
    Decision decide(Call call) {
        String keyOfCall = Objects.requireNonNull(key.apply(call.liteTopic()), "key of the concurrency limit");
        int maximum = maximumOfKey.applyAsInt(keyOfCall);
        if (maximum < 1) {
            throw new IllegalArgumentException(
                    "cannot limit concurrency: the maximum is not positive [key=" + keyOfCall + ", maximum=" + maximum
                            + "]; return 1 or more, and close lite topics with LitePolicies.busyProbe");
        }
        return states.with(keyOfCall, state -> decide(keyOfCall, call.liteTopic(), maximum, state));
    }

    private Decision decide(String keyOfCall, String liteTopic, int maximum, KeyState state) {
        long now = clock.nanoTime();
        state.lastUseNanos = now;
        long free = Math.max(0, maximum - state.running.size());
        WaitingLine.Ticket ticket = null;
        if (free < 1 || state.lineIfAny(now) != null) {
            double meanNanos = Math.max(state.meanNanos(now), (double) minWait.toNanos());
            long betweenEnds = (long) (meanNanos / maximum);
            ticket = state.line()
                    .ask(
                            liteTopic,
                            now,
                            free,
                            (long) meanNanos,
                            before -> within(state.firstEndNanos(now, betweenEnds) + before * (meanNanos / maximum)),
                            Math.min(Math.max(betweenEnds, minWait.toNanos()), 10 * minWait.toNanos()));
            if (ticket.waitNanos() > 0) {
                return suspend(Duration.ofNanos(ticket.waitNanos()));
            }
        }
        return run(new SlotPermit(keyOfCall, state.start(now), ticket));
    }

    private long within(double nanos) {
        return Math.min(Math.max((long) nanos, minWait.toNanos()), maxWait.toNanos());
    }

    int keys() {
        return states.size();
    }

    /** A call that may run. */
    private final class SlotPermit implements Permit {

        private final String keyOfCall;
        private final Running running;
        private final WaitingLine.@Nullable Ticket ticket;

        SlotPermit(String keyOfCall, Running running, WaitingLine.@Nullable Ticket ticket) {
            this.keyOfCall = keyOfCall;
            this.running = running;
            this.ticket = ticket;
        }

        @Override
        public void giveBack(Duration returnsIn) {
            states.with(keyOfCall, state -> {
                state.remove(running);
                if (ticket != null) {
                    state.line().returnsLater(ticket, clock.nanoTime(), returnsIn.toNanos());
                }
                return state;
            });
        }

        @Override
        public Optional<Decision> end(@Nullable Throwable failure) {
            states.with(keyOfCall, state -> {
                state.end(running, clock.nanoTime());
                return state;
            });
            return Optional.empty();
        }
    }

    private static final class Running {
        final long startNanos;

        Running(long startNanos) {
            this.startNanos = startNanos;
        }
    }

    /** What runs for a key, who waits, and how long calls took. */
    private static final class KeyState extends KeyedStates.State {

        private static final double WEIGHT_OF_NEWEST = 0.2;
        private static final long REMEMBERED_NANOS = Duration.ofMinutes(1).toNanos();

        // in the order in which they began
        private final Set<Running> running = new LinkedHashSet<>();
        private final long originNanos;
        private double sumOfStarts;
        private double meanDurationNanos;
        private boolean hasMean;
        private long lastUseNanos;
        private @Nullable WaitingLine line;

        KeyState(long nowNanos) {
            this.originNanos = nowNanos;
            this.lastUseNanos = nowNanos;
        }

        Running start(long now) {
            Running call = new Running(now);
            running.add(call);
            sumOfStarts += now - originNanos;
            return call;
        }

        void remove(Running call) {
            running.remove(call);
            sumOfStarts = running.isEmpty() ? 0 : sumOfStarts - (call.startNanos - originNanos);
        }

        void end(Running call, long now) {
            remove(call);
            lastUseNanos = now;
            double duration = now - call.startNanos;
            meanDurationNanos =
                    hasMean ? meanDurationNanos + WEIGHT_OF_NEWEST * (duration - meanDurationNanos) : duration;
            hasMean = true;
        }

        /** How long calls take: as those that have ended did, or as those that run already have, if that is longer. */
        double meanNanos(long now) {
            double ageOfRunning = running.isEmpty() ? 0 : now - originNanos - sumOfStarts / running.size();
            return Math.max(meanDurationNanos, ageOfRunning);
        }

        /** When the first of those that run will end: the oldest if it takes as long as others did. */
        double firstEndNanos(long now, long betweenEnds) {
            Iterator<Running> oldest = running.iterator();
            double rest = oldest.hasNext() ? meanDurationNanos - (now - oldest.next().startNanos) : 0;
            return hasMean && rest > 0 ? rest : betweenEnds;
        }

        WaitingLine line() {
            if (line == null) {
                line = new WaitingLine();
            }
            return line;
        }

        @Nullable
        WaitingLine lineIfAny(long now) {
            if (line != null && line.isEmpty(now)) {
                line = null;
            }
            return line;
        }

        @Override
        boolean isIdle(long nowNanos) {
            return running.isEmpty() && lineIfAny(nowNanos) == null && nowNanos - lastUseNanos >= REMEMBERED_NANOS;
        }
    }
}
