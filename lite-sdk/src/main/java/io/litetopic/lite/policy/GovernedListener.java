package io.litetopic.lite.policy;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.MessageListener;
import io.litetopic.lite.MessageView;
import java.util.Optional;

/** A listener with a policy before it. */
final class GovernedListener implements MessageListener {

    private final LitePolicy policy;
    private final MessageListener listener;

    GovernedListener(LitePolicy policy, MessageListener listener) {
        this.policy = policy;
        this.listener = listener;
    }

    @Override
    public ConsumeResult consume(MessageView messageView) {
        Call call = Call.of(messageView);
        Decision decision = policy.decide(call);
        Permit permit = decision.permit();
        if (permit == null) {
            return decision.result(call);
        }
        ConsumeResult result;
        try {
            result = listener.consume(messageView);
        } catch (Throwable failure) {
            Optional<Decision> instead = permit.end(failure);
            if (instead.isPresent()) {
                return instead.get().resultAfter(call, failure);
            }
            throw failure;
        }
        permit.end(null);
        return result;
    }
}
