package io.litetopic.lite.policy;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Turns exceptions by which a provider says "later", such as those for HTTP 429 and 503 with {@code Retry-After}, into
 * suspends: these are no attempts, so a provider that is busy for long sends nothing to the dead letter queue. Other
 * exceptions stay failures.
 *
 * <p>The lite topic is suspended for what the function said, at most {@link #upTo}, and up to {@link #jitter} longer.
 * Without further settings the exception counts for the lite topic it happened in, as often as it happens.
 */
public final class RetryAfterPolicy extends LitePolicy {

    private static final long REMEMBERED_NANOS = Duration.ofHours(1).toNanos();

    private final Function<Throwable, Optional<Duration>> retryAfter;
    private final double jitter;
    private final Duration upTo;
    private final int maxSuspends;
    private final @Nullable Function<String, String> key;
    private final PolicyClock clock;
    private final DoubleSupplier random;
    private final KeyedStates<Gate> gates;
    private final KeyedStates<Count> counts;

    RetryAfterPolicy(Function<Throwable, Optional<Duration>> retryAfter, PolicyClock clock, DoubleSupplier random) {
        this(retryAfter, 0.1, Duration.ofHours(1), Integer.MAX_VALUE, null, clock, random);
    }

    private RetryAfterPolicy(
            Function<Throwable, Optional<Duration>> retryAfter,
            double jitter,
            Duration upTo,
            int maxSuspends,
            @Nullable Function<String, String> key,
            PolicyClock clock,
            DoubleSupplier random) {
        super("retryAfter");
        this.retryAfter = retryAfter;
        this.jitter = jitter;
        this.upTo = upTo;
        this.maxSuspends = maxSuspends;
        this.key = key;
        this.clock = clock;
        this.random = random;
        this.gates = new KeyedStates<>(clock, () -> new Gate(clock.nanoTime()));
        this.counts = new KeyedStates<>(clock, Count::new);
    }

    /**
     * Returns a policy of its own that adds a random time to each suspend, so that lite topics do not all come back at
     * once; up to a tenth of the suspend by default.
     *
     * @param fraction of the suspend that may be added, 0 to 1
     * @throws IllegalArgumentException if it is out of range
     */
    public RetryAfterPolicy jitter(double fraction) {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("cannot retry later: jitter is out of range [fraction=" + fraction
                    + ", min=0, max=1]; 0.1 adds up to a tenth");
        }
        return new RetryAfterPolicy(retryAfter, fraction, upTo, maxSuspends, key, clock, random);
    }

    /**
     * Returns a policy of its own that suspends no longer than that, before jitter; 1 h by default.
     *
     * @param longest 1 ms to 180 days
     * @throws IllegalArgumentException if it is out of range
     */
    public RetryAfterPolicy upTo(Duration longest) {
        if (longest.compareTo(Duration.ofMillis(1)) < 0 || longest.compareTo(Duration.ofDays(180)) > 0) {
            throw new IllegalArgumentException("cannot retry later: longest suspend is out of range [longest=" + longest
                    + ", min=PT0.001S, max=P180D]; choose what your users can wait for");
        }
        return new RetryAfterPolicy(retryAfter, jitter, longest, maxSuspends, key, clock, random);
    }

    /**
     * Returns a policy of its own that suspends for a message only so often; after that its exceptions are failures, which
     * count as attempts and end in the dead letter queue. By default there is no such limit, and a message that is always
     * answered with "later" keeps its lite topic waiting for ever.
     *
     * <p>Counted in this process, and begun anew if the message is away for an hour longer than it was suspended.
     *
     * @param count suspends of one message, at least 1
     * @throws IllegalArgumentException if it is less
     */
    public RetryAfterPolicy maxSuspends(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("cannot retry later: number of suspends is out of range [count=" + count
                    + ", min=1]; leave the policy out to make every exception a failure");
        }
        return new RetryAfterPolicy(retryAfter, jitter, upTo, count, key, clock, random);
    }

    /**
     * Returns a policy of its own by which one exception holds back all lite topics with the same key until that time,
     * before they ask the provider themselves: the limit is one of an account, or of the provider as a whole. Calls that
     * run meanwhile are not ended.
     *
     * @param keyOfLiteTopic such as the account of a tenant, or a constant
     */
    public RetryAfterPolicy sharedBy(Function<String, String> keyOfLiteTopic) {
        return new RetryAfterPolicy(
                retryAfter,
                jitter,
                upTo,
                maxSuspends,
                Objects.requireNonNull(keyOfLiteTopic, "keyOfLiteTopic"),
                clock,
                random);
    }

    @Override
    Decision decide(Call call) {
        if (key == null) {
            return run(new Feedback(call, null));
        }
        String keyOfCall = Objects.requireNonNull(key.apply(call.liteTopic()), "key of retryAfter");
        long waitNanos = gates.with(keyOfCall, gate -> gate.waitNanos(clock.nanoTime(), jitter * random.getAsDouble()));
        return waitNanos > 0 ? suspend(Duration.ofNanos(waitNanos)) : run(new Feedback(call, keyOfCall));
    }

    private boolean isAllowed(Call call, Duration time) {
        String messageId = call.message().getMessageId().toString();
        return counts.with(call.liteTopic(), count -> {
            count.add(messageId, clock.nanoTime() + time.toNanos());
            return count.suspends <= maxSuspends;
        });
    }

    int keys() {
        return gates.size() + counts.size();
    }

    /** Listens to how the call ends. */
    private final class Feedback implements Permit {

        private final Call call;
        private final @Nullable String keyOfCall;

        Feedback(Call call, @Nullable String keyOfCall) {
            this.call = call;
            this.keyOfCall = keyOfCall;
        }

        @Override
        public void giveBack(Duration returnsIn) {}

        @Override
        public Optional<Decision> end(@Nullable Throwable failure) {
            if (failure == null) {
                return Optional.empty();
            }
            Duration asked;
            try {
                Optional<Duration> answer = retryAfter.apply(failure);
                if (!answer.isPresent()) {
                    return Optional.empty();
                }
                asked = answer.get();
            } catch (RuntimeException defect) {
                // Goes where the failure goes, which is logged with it.
                if (defect != failure) {
                    failure.addSuppressed(defect);
                }
                return Optional.empty();
            }
            Duration time = SuspendTimes.within(asked.compareTo(upTo) > 0 ? upTo : asked);
            if (keyOfCall != null) {
                gates.with(keyOfCall, gate -> gate.close(clock.nanoTime(), time.toNanos()));
            }
            if (maxSuspends != Integer.MAX_VALUE && !isAllowed(call, time)) {
                return Optional.empty();
            }
            return Optional.of(suspend(time.plus(SuspendTimes.scaled(time, jitter * random.getAsDouble()))));
        }
    }

    /** Until when the lite topics of a key are held back. */
    private static final class Gate extends KeyedStates.State {

        private long untilNanos;
        private long timeNanos;

        Gate(long nowNanos) {
            this.untilNanos = nowNanos;
        }

        boolean close(long nowNanos, long forNanos) {
            boolean isLonger = nowNanos + forNanos - untilNanos > 0;
            if (isLonger) {
                untilNanos = nowNanos + forNanos;
                timeNanos = forNanos;
            }
            return isLonger;
        }

        /** @param later fraction of the whole time that is added */
        long waitNanos(long nowNanos, double later) {
            long rest = untilNanos - nowNanos;
            return rest <= 0 ? 0 : rest + (long) (timeNanos * later);
        }

        @Override
        boolean isIdle(long nowNanos) {
            return nowNanos - untilNanos >= 0;
        }
    }

    /** How often the first message of a lite topic was suspended. */
    private static final class Count extends KeyedStates.State {

        private String messageId = "";
        private int suspends;
        private long untilNanos;

        void add(String id, long until) {
            suspends = messageId.equals(id) ? suspends + 1 : 1;
            messageId = id;
            untilNanos = until;
        }

        @Override
        boolean isIdle(long nowNanos) {
            return nowNanos - untilNanos >= REMEMBERED_NANOS;
        }
    }
}
