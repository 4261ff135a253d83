package io.litetopic.lite.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks policies in order; the first that suspends decides, and those before it get back what they granted. */
final class OrderedPolicies extends LitePolicy {

    // After a function of the application has thrown, the message comes again after 1 s at the earliest.
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final List<LitePolicy> policies;

    OrderedPolicies(List<LitePolicy> policies) {
        super("inOrder" + policies);
        this.policies = new ArrayList<>(policies);
    }

    @Override
    Decision decide(Call call) {
        List<Permit> granted = new ArrayList<>(policies.size());
        for (LitePolicy policy : policies) {
            Decision decision;
            try {
                decision = policy.decide(call);
            } catch (Throwable failure) {
                giveBack(granted, RETRY);
                throw failure;
            }
            Permit permit = decision.permit();
            if (permit == null) {
                giveBack(granted, decision.suspendTime());
                return decision;
            }
            granted.add(permit);
        }
        return run(new Permits(granted));
    }

    private static void giveBack(List<Permit> granted, Duration returnsIn) {
        for (int i = granted.size() - 1; i >= 0; i--) {
            granted.get(i).giveBack(returnsIn);
        }
    }

    private static final class Permits implements Permit {

        private final List<Permit> permits;

        Permits(List<Permit> permits) {
            this.permits = permits;
        }

        @Override
        public void giveBack(Duration returnsIn) {
            OrderedPolicies.giveBack(permits, returnsIn);
        }

        /** The innermost policy that knows what to do about a failure decides; to those around it nothing failed. */
        @Override
        public Optional<Decision> end(@Nullable Throwable failure) {
            Optional<Decision> instead = Optional.empty();
            for (int i = permits.size() - 1; i >= 0; i--) {
                Optional<Decision> answer = permits.get(i).end(instead.isPresent() ? null : failure);
                if (answer.isPresent()) {
                    instead = answer;
                }
            }
            return instead;
        }
    }
}
