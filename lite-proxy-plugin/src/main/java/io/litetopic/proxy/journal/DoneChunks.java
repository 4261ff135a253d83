package io.litetopic.proxy.journal;

import java.util.Arrays;

/**
 * Done offsets in chunks of 2^16, each in the smallest of three forms, as the containers of Roaring bitmaps are (Lemire et al.,
 * "Consistently faster and smaller compressed bitmaps with Roaring", 2016; without their array form, which runs replace).
 *
 * <p>Payload of an entry: chunk number (varint; offset / 65,536), form (one byte), then
 *
 * <ul>
 *   <li>0: nothing; all offsets of the chunk are done
 *   <li>1: number of runs (varint), for each the distance from the end of the one before, or from the start of the chunk, and its
 *       length (varints)
 *   <li>2: 8,192 bytes; bit i % 8 of byte i / 8 (lowest bit first) is the i-th offset
 * </ul>
 */
final class DoneChunks {
    static final int CHUNK_BITS = 16;
    static final int CHUNK_OFFSETS = 1 << CHUNK_BITS;

    private static final int ALL = 0;
    private static final int RUNS = 1;
    private static final int BITMAP = 2;
    private static final int BITMAP_BYTES = CHUNK_OFFSETS / 8;

    private DoneChunks() {}

    /** Takes a complete payload; the writer is used again afterwards. */
    interface ChunkSink {
        void accept(BodyWriter payload);
    }

    /** @param runs like {@link io.litetopic.proxy.state.StateChanges#doneRuns()} */
    static void write(long[] runs, ChunkSink sink) {
        Chunk chunk = new Chunk(sink);
        for (int i = 0; i < runs.length; i += 2) {
            long from = runs[i];
            long left = runs[i + 1];
            while (left > 0) {
                int start = (int) (from & (CHUNK_OFFSETS - 1));
                int length = (int) Math.min(left, CHUNK_OFFSETS - start);
                chunk.add(from >> CHUNK_BITS, start, length);
                from += length;
                left -= length;
            }
        }
        chunk.flush();
    }

    /** Adds what a payload says to {@code runs}. */
    static void read(BodyReader payload, Runs runs) throws DamagedRecordException {
        long base = payload.readVarint() << CHUNK_BITS;
        int form = payload.readByte();
        switch (form) {
            case ALL:
                runs.add(base, CHUNK_OFFSETS);
                return;
            case RUNS:
                readRuns(payload, base, runs);
                return;
            case BITMAP:
                readBitmap(payload.readBytes(BITMAP_BYTES), base, runs);
                return;
            default:
                throw new DamagedRecordException(payload.position(), "unknown form " + form + " of done offsets");
        }
    }

    private static void readRuns(BodyReader payload, long base, Runs runs) throws DamagedRecordException {
        int count = payload.readCount(CHUNK_OFFSETS / 2);
        int position = 0;
        for (int i = 0; i < count; i++) {
            position += payload.readCount(CHUNK_OFFSETS - position);
            int length = payload.readCount(CHUNK_OFFSETS - position);
            runs.add(base + position, length);
            position += length;
        }
    }

    private static void readBitmap(byte[] bitmap, long base, Runs runs) {
        int from = -1;
        for (int i = 0; i <= CHUNK_OFFSETS; i++) {
            boolean done = i < CHUNK_OFFSETS && (bitmap[i >> 3] >> (i & 7) & 1) != 0;
            if (done && from < 0) {
                from = i;
            } else if (!done && from >= 0) {
                runs.add(base + from, i - from);
                from = -1;
            }
        }
    }

    /** Runs in ascending order; those that touch become one. Not thread-safe. */
    static final class Runs {
        private long[] pairs = new long[8];
        private int size;

        void add(long from, long length) {
            if (length == 0) {
                return;
            }
            if (size > 0 && pairs[size - 2] + pairs[size - 1] == from) {
                pairs[size - 1] += length;
                return;
            }
            if (size == pairs.length) {
                pairs = Arrays.copyOf(pairs, size * 2);
            }
            pairs[size++] = from;
            pairs[size++] = length;
        }

        long[] toArray() {
            return Arrays.copyOf(pairs, size);
        }
    }

    /** The chunk that is being written. */
    private static final class Chunk {
        private final ChunkSink sink;
        private final BodyWriter runs = new BodyWriter();
        private final BodyWriter payload = new BodyWriter();
        private byte[] bitmap = new byte[BITMAP_BYTES];
        private long number = -1;
        private int count;
        private int done;
        private int lastEnd;

        Chunk(ChunkSink sink) {
            this.sink = sink;
        }

        void add(long chunk, int from, int length) {
            if (chunk != number) {
                flush();
                number = chunk;
            }
            runs.writeVarint(from - (long) lastEnd);
            runs.writeVarint(length);
            for (int i = from; i < from + length; i++) {
                bitmap[i >> 3] |= (byte) (1 << (i & 7));
            }
            lastEnd = from + length;
            done += length;
            count++;
        }

        void flush() {
            if (count > 0) {
                payload.clear();
                payload.writeVarint(number);
                if (done == CHUNK_OFFSETS) {
                    payload.writeByte(ALL);
                } else if (runs.size() < BITMAP_BYTES) {
                    payload.writeByte(RUNS);
                    payload.writeVarint(count);
                    payload.writeBytes(runs.toBytes());
                } else {
                    payload.writeByte(BITMAP);
                    payload.writeBytes(bitmap);
                }
                sink.accept(payload);
                bitmap = new byte[BITMAP_BYTES];
            }
            runs.clear();
            count = 0;
            done = 0;
            lastEnd = 0;
        }
    }
}
