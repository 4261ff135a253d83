package io.litetopic.proxy.state;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is remembered of one lite topic beside the progress of its queue. Immutable value. */
public final class LiteTopicState {
    /** No time. */
    public static final long NONE = -1;

    private final String name;
    private final boolean everHadMessage;
    private final long lastActivityMillis;
    private final long resumeAtMillis;
    private final int attempts;
    private final long attemptsOfOffset;

    /**
     * @param everHadMessage whether a message of it was ever read, or it exists only since somebody subscribed
     * @param lastActivityMillis wall clock in ms since 1970, from which its time to live counts; may be up to a fraction of that
     *     too late; {@link #NONE} if that does not matter
     * @param resumeAtMillis wall clock in ms since 1970 before which nothing is delivered, {@link #NONE} if it is not suspended
     * @param attempts failed deliveries of its first unacked message, 0 or more
     * @param attemptsOfOffset queue offset of that message, {@link #NONE} if {@code attempts} is 0
     */
    public LiteTopicState(
            String name,
            boolean everHadMessage,
            long lastActivityMillis,
            long resumeAtMillis,
            int attempts,
            long attemptsOfOffset) {
        this.name = name;
        this.everHadMessage = everHadMessage;
        this.lastActivityMillis = lastActivityMillis;
        this.resumeAtMillis = resumeAtMillis;
        this.attempts = attempts;
        this.attemptsOfOffset = attemptsOfOffset;
    }

    public String name() {
        return name;
    }

    public boolean everHadMessage() {
        return everHadMessage;
    }

    public long lastActivityMillis() {
        return lastActivityMillis;
    }

    public long resumeAtMillis() {
        return resumeAtMillis;
    }

    public int attempts() {
        return attempts;
    }

    public long attemptsOfOffset() {
        return attemptsOfOffset;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof LiteTopicState)) {
            return false;
        }
        LiteTopicState that = (LiteTopicState) other;
        return name.equals(that.name)
                && everHadMessage == that.everHadMessage
                && lastActivityMillis == that.lastActivityMillis
                && resumeAtMillis == that.resumeAtMillis
                && attempts == that.attempts
                && attemptsOfOffset == that.attemptsOfOffset;
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, everHadMessage, lastActivityMillis, resumeAtMillis, attempts, attemptsOfOffset);
    }

    @Override
    public String toString() {
        return "LiteTopicState[" + name + ", everHadMessage=" + everHadMessage + ", lastActivityMillis="
                + lastActivityMillis + ", resumeAtMillis=" + resumeAtMillis + ", attempts=" + attempts + " of "
                + attemptsOfOffset + ']';
    }
}
