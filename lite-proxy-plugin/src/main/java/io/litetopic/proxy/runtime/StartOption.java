package io.litetopic.proxy.runtime;

/**
 * From where on a client wants the messages of a lite topic that it did not want before, in its own terms: not yet as offsets of
 * queues. Immutable.
 */
public final class StartOption {
    /** From the first message that the broker has. */
    public static final StartOption EARLIEST = new StartOption(Kind.EARLIEST, 0);
    /** Only messages stored from now on. */
    public static final StartOption LATEST = new StartOption(Kind.LATEST, 0);

    enum Kind {
        EARLIEST,
        LATEST,
        OFFSET,
        TIMESTAMP,
        TAIL
    }

    private final Kind kind;
    private final long value;

    private StartOption(Kind kind, long value) {
        this.kind = kind;
        this.value = value;
    }

    /** From this offset of the queue on that the lite topic is in, or from its end if that comes before. */
    public static StartOption offset(long queueOffset) {
        return new StartOption(Kind.OFFSET, notNegative(queueOffset));
    }

    /** Messages stored at this time (wall clock of the broker, ms since 1970) or later. */
    public static StartOption timestamp(long timestampMillis) {
        return new StartOption(Kind.TIMESTAMP, notNegative(timestampMillis));
    }

    /** The last so many messages of the lite topic, and what comes after them. */
    public static StartOption tail(int messages) {
        return new StartOption(Kind.TAIL, notNegative(messages));
    }

    private static long notNegative(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("negative: " + value);
        }
        return value;
    }

    Kind kind() {
        return kind;
    }

    /** Offset, time or number of messages; 0 for the others. */
    long value() {
        return value;
    }

    @Override
    public String toString() {
        return kind == Kind.EARLIEST || kind == Kind.LATEST ? kind.name() : kind.name() + '(' + value + ')';
    }
}
