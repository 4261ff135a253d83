package io.litetopic.proxy.journal;

import io.litetopic.proxy.state.ClientChange;
import io.litetopic.proxy.state.LiteTopicState;
import io.litetopic.proxy.state.StateChanges;
import java.util.ArrayList;
import java.util.List;

/**
 * Bodies of records: entries, each a tag (one byte), the length of its payload (varint) and the payload. Layout of every payload:
 * see {@code docs/design/journal.md}.
 */
final class BodyCodec {
    /** A body ends with the entry that makes it larger than this. */
    static final int SPLIT_BYTES = 240 * 1024;
    /** Names of one client beyond this many bytes go to another entry. */
    private static final int CLIENT_ENTRY_BYTES = 16 * 1024;

    static final int QUEUE = 1;
    static final int DONE = 2;
    static final int LITE_TOPIC = 3;
    static final int LITE_TOPIC_REMOVED = 4;
    static final int SUBSCRIPTIONS = 5;
    static final int CLIENT = 6;
    static final int OWNER = 7;
    static final int SNAPSHOT = 8;
    /** Tags from here on may be skipped by who does not know them. */
    static final int FIRST_SKIPPABLE = 128;

    private static final int EVER_HAD_MESSAGE = 1;
    private static final int HAS_LAST_ACTIVITY = 2;
    private static final int HAS_RESUME_AT = 4;
    private static final int HAS_ATTEMPTS = 8;
    private static final int STARTS_EMPTY = 1;

    private BodyCodec() {}

    static byte[] acquired(String ownerId) {
        BodyWriter payload = new BodyWriter();
        payload.writeString(ownerId);
        return single(OWNER, payload);
    }

    static byte[] snapshotEnd(long snapshotBegin) {
        BodyWriter payload = new BodyWriter();
        payload.writeVarint(snapshotBegin);
        return single(SNAPSHOT, payload);
    }

    private static byte[] single(int tag, BodyWriter payload) {
        BodyWriter body = new BodyWriter();
        body.writeEntry(tag, payload);
        return body.toBytes();
    }

    /** @return one or more bodies; applying them in this order is the same as applying {@code changes} */
    static List<byte[]> changes(StateChanges changes) {
        ChangesWriter writer = new ChangesWriter(changes.watermark());
        DoneChunks.write(changes.doneRuns(), payload -> writer.write(DONE, payload));
        BodyWriter payload = new BodyWriter();
        for (String removed : changes.removedLiteTopics()) {
            payload.clear();
            payload.writeString(removed);
            writer.write(LITE_TOPIC_REMOVED, payload);
        }
        for (LiteTopicState state : changes.liteTopics()) {
            payload.clear();
            writeLiteTopic(state, payload);
            writer.write(LITE_TOPIC, payload);
        }
        writer.subscriptionsSince(changes.subscriptionsSince());
        for (ClientChange client : changes.clients()) {
            writeClient(client, writer);
        }
        return writer.finish();
    }

    private static void writeLiteTopic(LiteTopicState state, BodyWriter payload) {
        boolean attempts = state.attempts() != 0 || state.attemptsOfOffset() != LiteTopicState.NONE;
        payload.writeByte((state.everHadMessage() ? EVER_HAD_MESSAGE : 0)
                | (state.lastActivityMillis() != LiteTopicState.NONE ? HAS_LAST_ACTIVITY : 0)
                | (state.resumeAtMillis() != LiteTopicState.NONE ? HAS_RESUME_AT : 0)
                | (attempts ? HAS_ATTEMPTS : 0));
        payload.writeString(state.name());
        if (state.lastActivityMillis() != LiteTopicState.NONE) {
            payload.writeVarint(state.lastActivityMillis());
        }
        if (state.resumeAtMillis() != LiteTopicState.NONE) {
            payload.writeVarint(state.resumeAtMillis());
        }
        if (attempts) {
            payload.writeVarint(state.attempts());
            payload.writeVarint(state.attemptsOfOffset());
        }
    }

    private static LiteTopicState readLiteTopic(BodyReader payload) throws DamagedRecordException {
        int flags = payload.readByte();
        String name = payload.readString();
        long lastActivityMillis = (flags & HAS_LAST_ACTIVITY) != 0 ? payload.readVarint() : LiteTopicState.NONE;
        long resumeAtMillis = (flags & HAS_RESUME_AT) != 0 ? payload.readVarint() : LiteTopicState.NONE;
        boolean hasAttempts = (flags & HAS_ATTEMPTS) != 0;
        int attempts = hasAttempts ? payload.readCount(Integer.MAX_VALUE) : 0;
        long attemptsOfOffset = hasAttempts ? payload.readVarint() : LiteTopicState.NONE;
        return new LiteTopicState(
                name, (flags & EVER_HAD_MESSAGE) != 0, lastActivityMillis, resumeAtMillis, attempts, attemptsOfOffset);
    }

    /** Names that are added come before those that are removed, whatever the number of entries. */
    private static void writeClient(ClientChange change, ChangesWriter writer) {
        ClientEntry entry = new ClientEntry(change.clientId(), change.startsEmpty(), writer);
        for (String name : change.added()) {
            entry.name(entry.added, name);
        }
        for (String name : change.removed()) {
            entry.name(entry.removed, name);
        }
        entry.flush();
    }

    private static ClientChange readClient(BodyReader payload) throws DamagedRecordException {
        int flags = payload.readByte();
        String clientId = payload.readString();
        List<String> added = readNames(payload);
        List<String> removed = readNames(payload);
        return new ClientChange(clientId, (flags & STARTS_EMPTY) != 0, added, removed);
    }

    private static List<String> readNames(BodyReader payload) throws DamagedRecordException {
        int count = payload.readCount(payload.remaining());
        List<String> names = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            names.add(payload.readString());
        }
        return names;
    }

    /** @throws DamagedRecordException with a byte position in {@code body} */
    static JournalRecord.Body read(byte[] body) throws DamagedRecordException, LaterFormatException {
        BodyReader reader = new BodyReader(body, 0, body.length);
        long watermark = 0;
        DoneChunks.Runs done = new DoneChunks.Runs();
        List<String> removed = new ArrayList<>(0);
        List<LiteTopicState> liteTopics = new ArrayList<>(0);
        long subscriptionsSince = LiteTopicState.NONE;
        List<ClientChange> clients = new ArrayList<>(0);
        String ownerId = "";
        long snapshotBegin = JournalRecord.NONE;
        while (reader.hasMore()) {
            int tag = reader.readByte();
            BodyReader payload = reader.readPayload();
            switch (tag) {
                case QUEUE:
                    watermark = payload.readVarint();
                    break;
                case DONE:
                    DoneChunks.read(payload, done);
                    break;
                case LITE_TOPIC:
                    liteTopics.add(readLiteTopic(payload));
                    break;
                case LITE_TOPIC_REMOVED:
                    removed.add(payload.readString());
                    break;
                case SUBSCRIPTIONS:
                    subscriptionsSince = payload.readVarint();
                    break;
                case CLIENT:
                    clients.add(readClient(payload));
                    break;
                case OWNER:
                    ownerId = payload.readString();
                    break;
                case SNAPSHOT:
                    snapshotBegin = payload.readVarint();
                    break;
                default:
                    if (tag < FIRST_SKIPPABLE) {
                        throw new LaterFormatException("an entry with tag " + tag
                                + " that this release does not know; it knows 1 to " + SNAPSHOT);
                    }
            }
        }
        StateChanges.Builder changes =
                StateChanges.builder(watermark).doneRuns(done.toArray()).subscriptionsSince(subscriptionsSince);
        removed.forEach(changes::remove);
        liteTopics.forEach(changes::set);
        clients.forEach(changes::client);
        return new JournalRecord.Body(changes.build(), ownerId, snapshotBegin);
    }

    /** Bodies of one change. */
    private static final class ChangesWriter {
        private final BodyWriter body = new BodyWriter();
        private final BodyWriter payload = new BodyWriter();
        private final List<byte[]> finished = new ArrayList<>(1);
        private final long watermark;
        private long subscriptionsSince = LiteTopicState.NONE;
        private int emptySize;

        ChangesWriter(long watermark) {
            this.watermark = watermark;
            start();
        }

        private void start() {
            body.clear();
            payload.clear();
            payload.writeVarint(watermark);
            body.writeEntry(QUEUE, payload);
            writeSubscriptionsSince();
            emptySize = body.size();
        }

        /** All bodies from here on say so, since clients count only together with it. */
        void subscriptionsSince(long millis) {
            subscriptionsSince = millis;
            writeSubscriptionsSince();
        }

        private void writeSubscriptionsSince() {
            if (subscriptionsSince != LiteTopicState.NONE) {
                payload.clear();
                payload.writeVarint(subscriptionsSince);
                body.writeEntry(SUBSCRIPTIONS, payload);
            }
        }

        void write(int tag, BodyWriter entry) {
            if (body.size() > emptySize && body.size() + entry.size() > SPLIT_BYTES) {
                finished.add(body.toBytes());
                start();
            }
            body.writeEntry(tag, entry);
        }

        List<byte[]> finish() {
            finished.add(body.toBytes());
            return finished;
        }
    }

    /** Names of one client that go to the same entry. */
    private static final class ClientEntry {
        private final String clientId;
        private final ChangesWriter writer;
        private final List<String> added = new ArrayList<>();
        private final List<String> removed = new ArrayList<>();
        private boolean startsEmpty;
        private boolean written;
        private int characters;

        ClientEntry(String clientId, boolean startsEmpty, ChangesWriter writer) {
            this.clientId = clientId;
            this.startsEmpty = startsEmpty;
            this.writer = writer;
        }

        void name(List<String> names, String name) {
            names.add(name);
            characters += name.length() + 1;
            if (characters >= CLIENT_ENTRY_BYTES) {
                flush();
            }
        }

        void flush() {
            if (written && added.isEmpty() && removed.isEmpty()) {
                return;
            }
            BodyWriter payload = new BodyWriter();
            payload.writeByte(startsEmpty ? STARTS_EMPTY : 0);
            payload.writeString(clientId);
            writeNames(added, payload);
            writeNames(removed, payload);
            writer.write(CLIENT, payload);
            written = true;
            startsEmpty = false;
            characters = 0;
            added.clear();
            removed.clear();
        }

        private static void writeNames(List<String> names, BodyWriter payload) {
            payload.writeVarint(names.size());
            for (String name : names) {
                payload.writeString(name);
            }
        }
    }
}
