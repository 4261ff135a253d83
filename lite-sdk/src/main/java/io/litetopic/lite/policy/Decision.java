package io.litetopic.lite.policy;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a policy says before the listener is called: run, with a permit, or wait for a time. Immutable. */
final class Decision {

    private static final Logger log = LoggerFactory.getLogger(Decision.class);

    private final String policy;
    private final @Nullable Permit permit;
    private final Duration suspendTime;

    private Decision(String policy, @Nullable Permit permit, Duration suspendTime) {
        this.policy = policy;
        this.permit = permit;
        this.suspendTime = suspendTime;
    }

    static Decision run(String policy, Permit permit) {
        return new Decision(policy, permit, Duration.ZERO);
    }

    static Decision suspend(String policy, Duration suspendTime) {
        return new Decision(policy, null, SuspendTimes.within(suspendTime));
    }

    /** Null if the lite topic has to wait. */
    @Nullable
    Permit permit() {
        return permit;
    }

    Duration suspendTime() {
        return suspendTime;
    }

    /** The answer to the consumer. All suspends by policies are made here: this is where they can be counted. */
    ConsumeResult result(Call call) {
        log.debug("suspended by policy policy={} liteTopic={} suspendTime={}", policy, call.liteTopic(), suspendTime);
        return ConsumeResultSuspend.of(suspendTime);
    }

    /** The same when the listener was called and failed. */
    ConsumeResult resultAfter(Call call, Throwable failure) {
        log.debug("listener asked to come later policy={} liteTopic={}", policy, call.liteTopic(), failure);
        return result(call);
    }
}
