package io.litetopic.lite.policy;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Suspends for what a function says about the lite topic: opening hours, or a probe of the application. */
final class WaitPolicy extends LitePolicy {

    private final Function<String, Optional<Duration>> waitOf;

    WaitPolicy(String name, Function<String, Optional<Duration>> waitOf) {
        super(name);
        this.waitOf = waitOf;
    }

    @Override
    Decision decide(Call call) {
        Optional<Duration> wait = waitOf.apply(call.liteTopic());
        if (wait == null) {
            throw new NullPointerException("cannot decide: " + name() + " returned null [liteTopic=" + call.liteTopic()
                    + "]; return Optional.empty() for no wait");
        }
        return wait.filter(WaitPolicy::isPositive).map(this::suspend).orElseGet(() -> run(Permit.PLAIN));
    }

    private static boolean isPositive(Duration wait) {
        return !wait.isNegative() && !wait.isZero();
    }
}
