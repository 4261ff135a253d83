package io.litetopic.lite;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a consumer starts to read a lite topic that it subscribes to. It moves the consumer group: messages before the
 * start are done with for all its consumers. It counts only if the consumer was not subscribed before, and has no
 * meaning in a wildcard group, where nobody subscribes. Immutable and thread-safe.
 */
public final class OffsetOption {

    /** Value of {@link #LAST_OFFSET}. */
    public static final long POLICY_LAST_VALUE = 0L;

    /** Value of {@link #MIN_OFFSET}. */
    public static final long POLICY_MIN_VALUE = 1L;

    /** Value of {@link #MAX_OFFSET}. */
    public static final long POLICY_MAX_VALUE = 2L;

    /**
     * Goes on where the group stopped, and starts with the oldest message there is in a lite topic that is new to the
     * group. The same as to give no option.
     */
    public static final OffsetOption LAST_OFFSET = new OffsetOption(Type.POLICY, POLICY_LAST_VALUE);

    /** Starts with the oldest message that the broker still has, also if the group has consumed it before. */
    public static final OffsetOption MIN_OFFSET = new OffsetOption(Type.POLICY, POLICY_MIN_VALUE);

    /** Skips all messages there are and starts with the next one to be stored. */
    public static final OffsetOption MAX_OFFSET = new OffsetOption(Type.POLICY, POLICY_MAX_VALUE);

    private final Type type;
    private final long value;

    private OffsetOption(Type type, long value) {
        this.type = type;
        this.value = value;
    }

    /**
     * Starts at an offset, also if the group has consumed what comes then.
     *
     * @param offset queue offset of the first message to read, as {@link MessageView#getQueueOffset} shows it, at least
     *     0; if no message of the lite topic is there, the next one behind it is the first
     * @throws IllegalArgumentException if {@code offset} is negative
     */
    public static OffsetOption ofOffset(long offset) {
        return new OffsetOption(Type.OFFSET, notNegative("offset", offset));
    }

    /**
     * Starts with the newest messages of the lite topic, also if the group has consumed them.
     *
     * @param tailN how many of them to read, at least 0; subscribing fails if the server does not go back that far, for
     *     which it names its limit
     * @throws IllegalArgumentException if {@code tailN} is negative
     */
    public static OffsetOption ofTailN(long tailN) {
        return new OffsetOption(Type.TAIL_N, notNegative("tailN", tailN));
    }

    /**
     * Starts with the first message stored at or after a moment, also if the group has consumed it.
     *
     * @param timestamp milliseconds since the epoch, at least 0; subscribing fails if it is in the future by the server's
     *     clock, give or take a minute
     * @throws IllegalArgumentException if {@code timestamp} is negative
     */
    public static OffsetOption ofTimestamp(long timestamp) {
        return new OffsetOption(Type.TIMESTAMP, notNegative("timestamp", timestamp));
    }

    private static long notNegative(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " is negative [" + name + "=" + value + "]; pass 0 or more");
        }
        return value;
    }

    /** Returns what {@link #getValue()} means. */
    public Type getType() {
        return type;
    }

    /** Returns one of the policy values, an offset, a number of messages or a timestamp in milliseconds. */
    public long getValue() {
        return value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OffsetOption
                && ((OffsetOption) other).type == type
                && ((OffsetOption) other).value == value;
    }

    @Override
    public int hashCode() {
        return Objects.hash(type, value);
    }

    @Override
    public String toString() {
        return "OffsetOption{type=" + type + ", value=" + value + "}";
    }

    /** The meaning of an option's value. */
    public enum Type {
        /** One of the policy values. */
        POLICY,
        /** An offset in the queue of the bind topic that holds the lite topic. */
        OFFSET,
        /** A number of messages, counted from the end. */
        TAIL_N,
        /** Milliseconds since the epoch. */
        TIMESTAMP
    }
}
