package io.litetopic.lite.policy;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one policy granted for one call of the listener. Exactly one of the two methods is called, once, from any thread.
 */
interface Permit {

    /** For policies that have nothing to take back. */
    Permit PLAIN = new Permit() {
        @Override
        public void giveBack(Duration returnsIn) {}

        @Override
        public Optional<Decision> end(@Nullable Throwable failure) {
            return Optional.empty();
        }
    };

    /**
     * The listener is not called, since a later policy has refused.
     *
     * @param returnsIn when the lite topic asks again
     */
    void giveBack(Duration returnsIn);

    /**
     * The listener call, or its stage, has ended. Does not throw.
     *
     * @param failure null if it returned
     * @return the suspend that takes the place of the failure; empty if the outcome stays as it is
     */
    Optional<Decision> end(@Nullable Throwable failure);
}
