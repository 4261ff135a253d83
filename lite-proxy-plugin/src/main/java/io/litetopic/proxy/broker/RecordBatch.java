package io.litetopic.proxy.broker;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Answer to one read of records. Immutable, except for the records' bytes. */
public final class RecordBatch {
    private final List<Record> records;
    private final long nextOffset;
    private final long minOffset;
    private final long maxOffset;

    /** One record as it is stored. */
    @SuppressWarnings("JavaLangClash") // always written with its outer class
    public static final class Record {
        private final long queueOffset;
        private final long storeTimestampMillis;
        private final byte[] bytes;

        /** @param storeTimestampMillis wall clock of the broker when it stored the record, in ms since 1970 */
        public Record(long queueOffset, long storeTimestampMillis, byte[] bytes) {
            this.queueOffset = queueOffset;
            this.storeTimestampMillis = storeTimestampMillis;
            this.bytes = bytes;
        }

        public long queueOffset() {
            return queueOffset;
        }

        public long storeTimestampMillis() {
            return storeTimestampMillis;
        }

        /** Not a copy. */
        public byte[] bytes() {
            return bytes;
        }
    }

    /** Like {@link PullBatch#PullBatch}. */
    public RecordBatch(List<Record> records, long nextOffset, long minOffset, long maxOffset) {
        this.records = Collections.unmodifiableList(new ArrayList<>(records));
        this.nextOffset = nextOffset;
        this.minOffset = minOffset;
        this.maxOffset = maxOffset;
    }

    public List<Record> records() {
        return records;
    }

    public long nextOffset() {
        return nextOffset;
    }

    public long minOffset() {
        return minOffset;
    }

    public long maxOffset() {
        return maxOffset;
    }
}
