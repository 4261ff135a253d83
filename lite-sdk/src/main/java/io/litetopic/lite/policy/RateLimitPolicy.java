package io.litetopic.lite.policy;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.EstimationProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.local.SynchronizationStrategy;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A token bucket for each key, with a line of lite topics that wait for its tokens. */
final class RateLimitPolicy extends LitePolicy {

    private static final long MAX_GRACE_NANOS = 100 * SuspendTimes.MILLI;

    private final Function<String, String> key;
    private final Function<String, Rate> rateOfKey;
    private final PolicyClock clock;
    private final KeyedStates<KeyState> states;

    RateLimitPolicy(String name, Function<String, String> key, Function<String, Rate> rateOfKey, PolicyClock clock) {
        super(name);
        this.key = key;
        this.rateOfKey = rateOfKey;
        this.clock = clock;
        long originNanos = clock.nanoTime();
        TimeMeter timeMeter = new TimeMeter() {
            @Override
            public long currentTimeNanos() {
                // Bucket4j compares times, so they must not overflow.
                return clock.nanoTime() - originNanos;
            }

            @Override
            public boolean isWallClockBased() {
                return false;
            }
        };
        this.states = new KeyedStates<>(clock, () -> new KeyState(timeMeter));
    }

    @Override
    Decision decide(Call call) {
        String keyOfCall = Objects.requireNonNull(key.apply(call.liteTopic()), "key of the rate limit");
        Rate rate = Objects.requireNonNull(rateOfKey.apply(keyOfCall), "rate of the rate limit");
        return rate.isUnlimited()
                ? run(Permit.PLAIN)
                : states.with(keyOfCall, state -> decide(keyOfCall, call.liteTopic(), rate, state));
    }

    private Decision decide(String keyOfCall, String liteTopic, Rate rate, KeyState state) {
        long now = clock.nanoTime();
        Bucket bucket = state.bucket(rate);
        long tokens = bucket.getAvailableTokens();
        WaitingLine line = state.lineIfAny(now);
        WaitingLine.Ticket ticket = null;
        if (tokens < 1 || line != null) {
            // A full bucket loses the next token. One that is taken from it is there again when it is needed, since
            // those
            // who wait were promised one token after the other, unless somebody is to come before that.
            long horizon = tokens >= rate.burst() ? rate.nanosOf(1) : Long.MAX_VALUE;
            ticket = state.line().ask(liteTopic, now, tokens, horizon, state::nanosUntil, graceNanos(rate));
            if (ticket.waitNanos() > 0) {
                return suspend(Duration.ofNanos(ticket.waitNanos()));
            }
        }
        if (!bucket.tryConsume(1)) {
            throw new IllegalStateException("token is gone although it was there [key=" + keyOfCall + ", rate=" + rate
                    + ", tokens=" + tokens + "]; report this as a defect");
        }
        return run(new TokenPermit(keyOfCall, ticket));
    }

    /** How long a token waits for one who is late: not so long that the one after it would be late as well. */
    private static long graceNanos(Rate rate) {
        return Math.min(rate.nanosOf(1), MAX_GRACE_NANOS);
    }

    int keys() {
        return states.size();
    }

    /** A token that was taken. */
    private final class TokenPermit implements Permit {

        private final String keyOfCall;
        private final WaitingLine.@Nullable Ticket ticket;

        TokenPermit(String keyOfCall, WaitingLine.@Nullable Ticket ticket) {
            this.keyOfCall = keyOfCall;
            this.ticket = ticket;
        }

        @Override
        public void giveBack(Duration returnsIn) {
            states.with(keyOfCall, state -> {
                state.giveBack();
                if (ticket != null) {
                    state.line().returnsLater(ticket, clock.nanoTime(), returnsIn.toNanos());
                }
                return state;
            });
        }

        @Override
        public Optional<Decision> end(@Nullable Throwable failure) {
            return Optional.empty();
        }
    }

    /** Bucket and line of a key; nothing is lost with it once the bucket is full again and nobody waits. */
    private static final class KeyState extends KeyedStates.State {

        private final TimeMeter timeMeter;
        private Rate rate = Rate.UNLIMITED;
        private @Nullable Bucket bucket;
        private @Nullable WaitingLine line;

        KeyState(TimeMeter timeMeter) {
            this.timeMeter = timeMeter;
        }

        Bucket bucket(Rate wanted) {
            Bucket current = bucket;
            if (current == null) {
                current = Bucket.builder()
                        .addLimit(bandwidth(wanted))
                        .withCustomTimePrecision(timeMeter)
                        // the lock of the state is held
                        .withSynchronizationStrategy(SynchronizationStrategy.NONE)
                        .build();
            } else if (!wanted.equals(rate)) {
                current.replaceConfiguration(
                        BucketConfiguration.builder()
                                .addLimit(bandwidth(wanted))
                                .build(),
                        TokensInheritanceStrategy.PROPORTIONALLY);
            }
            rate = wanted;
            bucket = current;
            return current;
        }

        private static Bandwidth bandwidth(Rate rate) {
            return Bandwidth.builder()
                    .capacity(rate.burst())
                    .refillGreedy(rate.permits(), rate.period())
                    .build();
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

        /** When that many tokens and one more will have come, whether the bucket holds so many or not. */
        long nanosUntil(long number) {
            Bucket current = Objects.requireNonNull(bucket);
            long available = current.getAvailableTokens();
            if (available > number) {
                return 0;
            }
            if (available >= rate.burst()) {
                return rate.nanosOf(number + 1 - available);
            }
            EstimationProbe next = current.estimateAbilityToConsume(available + 1);
            // The estimate is rounded down unless tokens come after a whole number of nanoseconds.
            long untilNext = next.getNanosToWaitForRefill() + (rate.period().toNanos() % rate.permits() == 0 ? 0 : 1);
            return untilNext + rate.nanosOf(number - available);
        }

        void giveBack() {
            if (bucket != null) {
                bucket.addTokens(1);
            }
        }

        @Override
        boolean isIdle(long nowNanos) {
            return lineIfAny(nowNanos) == null && (bucket == null || bucket.getAvailableTokens() >= rate.burst());
        }
    }
}
