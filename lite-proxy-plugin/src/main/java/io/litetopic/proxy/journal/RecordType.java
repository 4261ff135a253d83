package io.litetopic.proxy.journal;

import org.jspecify.annotations.Nullable;

/** What a record of the journal says. */
enum RecordType {
    /** A new owner takes the stream over; its epoch is the queue offset of this record. */
    ACQUIRED(1),
    /** What has changed. */
    CHANGES(2),
    /** A snapshot begins. */
    SNAPSHOT_BEGIN(3),
    /** A part of the snapshot. */
    SNAPSHOT_PART(4),
    /** The snapshot is complete. */
    SNAPSHOT_END(5),
    /** Of a later release, and of no importance to this one. */
    SKIPPABLE(0x80);

    private final int code;

    RecordType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** @return {@code null} for a type that a later release writes and that must not be skipped */
    static @Nullable RecordType of(int code) {
        if (code >= SKIPPABLE.code) {
            return SKIPPABLE;
        }
        for (RecordType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return null;
    }
}
