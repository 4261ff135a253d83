package io.litetopic.proxy.mailbox;

import io.litetopic.proxy.broker.BrokerMessage;
import java.util.Arrays;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Unacked messages of one lite topic in delivery order: the first ones with their bodies, in two parallel ring arrays, and of the
 * others only the positions, compressed. Nothing is allocated for what is not there.
 *
 * <p>Indexes count from the first message. Not thread-safe: engine thread.
 */
public final class PendingMessages {
    private static final long[] NO_POSITIONS = {};
    private static final @Nullable BrokerMessage[] NO_MESSAGES = {};
    private static final int FIRST_CAPACITY = 2;

    private long[] positions = NO_POSITIONS;
    private @Nullable BrokerMessage[] messages = NO_MESSAGES;
    private int head;
    private int loaded;
    private @Nullable PositionRuns rest;

    public int size() {
        return loaded + (rest == null ? 0 : rest.size());
    }

    public boolean isEmpty() {
        return loaded == 0 && rest == null;
    }

    /** How many messages, from the first on, have their bodies here. */
    public int loaded() {
        return loaded;
    }

    /** Whether there are messages without body. */
    public boolean hasUnloaded() {
        return rest != null;
    }

    /** Memory of the positions whose messages have no body here, about. */
    public int indexBytes() {
        return rest == null ? 0 : rest.bytes();
    }

    /** Appends a message with its body. Only while every message before it has one. */
    public void addLast(long position, BrokerMessage message) {
        if (rest != null) {
            throw new IllegalStateException(
                    "messages without body come before: position=" + Position.describe(position));
        }
        if (loaded == positions.length) {
            resize(Math.max(FIRST_CAPACITY, loaded * 2));
        }
        int index = placeOf(loaded++);
        positions[index] = position;
        messages[index] = message;
    }

    /** Appends a message without body. */
    public void addLast(long position) {
        if (rest == null) {
            rest = new PositionRuns();
        }
        rest.addLast(position);
    }

    /** Position of a message that has its body here. */
    public long position(int index) {
        return positions[placeOf(index)];
    }

    /** A message that has its body here. */
    public BrokerMessage message(int index) {
        BrokerMessage message = index < loaded ? messages[placeOf(index)] : null;
        if (message == null) {
            throw new IndexOutOfBoundsException("index=" + index + " loaded=" + loaded);
        }
        return message;
    }

    /** Position of the first message, whether its body is here or not. */
    public long firstPosition() {
        return loaded > 0 ? position(0) : unloaded().first();
    }

    /** Position of the first message without body. */
    public long firstUnloaded() {
        return unloaded().first();
    }

    /** Position of the last message. */
    public long lastPosition() {
        return rest != null ? rest.last() : position(loaded - 1);
    }

    /** The first message without body has one now. */
    public void load(BrokerMessage message) {
        PositionRuns runs = unloaded();
        long position = runs.removeFirst();
        rest = null;
        addLast(position, message);
        rest = runs.size() == 0 ? null : runs;
    }

    /** Drops the bodies of all messages but the first {@code keep}. */
    public void unload(int keep) {
        if (loaded <= keep) {
            return;
        }
        long[] dropped = new long[loaded - keep];
        for (int index = keep; index < loaded; index++) {
            int place = placeOf(index);
            dropped[index - keep] = positions[place];
            messages[place] = null;
        }
        loaded = keep;
        if (rest == null) {
            rest = new PositionRuns();
        }
        rest.addFirst(dropped);
        if (loaded == 0) {
            freeArrays();
        }
    }

    /** Index of a position among the first {@code limit} messages, of those with bodies, or -1. Linear. */
    public int indexOf(long position, int limit) {
        int end = Math.min(limit, loaded);
        for (int index = 0; index < end; index++) {
            if (position(index) == position) {
                return index;
            }
        }
        return -1;
    }

    /** Removes the first message, or one with a body. Cheap for the first; moves all before it otherwise. */
    public void remove(int index) {
        if (loaded == 0 && index == 0) {
            PositionRuns runs = unloaded();
            runs.removeFirst();
            rest = runs.size() == 0 ? null : runs;
            return;
        }
        if (index >= loaded) {
            throw new IndexOutOfBoundsException("index=" + index + " loaded=" + loaded);
        }
        for (int i = index; i > 0; i--) {
            int to = placeOf(i);
            int from = placeOf(i - 1);
            positions[to] = positions[from];
            messages[to] = messages[from];
        }
        messages[head] = null;
        loaded--;
        if (loaded == 0) {
            freeArrays();
            return;
        }
        head = (head + 1) & (positions.length - 1);
        if (positions.length > 16 && loaded < positions.length / 8) {
            resize(positions.length / 2);
        }
    }

    /** Removes every message whose position {@code test} accepts; the others keep their order. */
    public void removeIf(LongPredicate test) {
        int kept = 0;
        for (int index = 0; index < loaded; index++) {
            long position = position(index);
            if (!test.test(position)) {
                BrokerMessage message = messages[placeOf(index)];
                positions[placeOf(kept)] = position;
                messages[placeOf(kept)] = message;
                kept++;
            }
        }
        for (int index = kept; index < loaded; index++) {
            messages[placeOf(index)] = null;
        }
        loaded = kept;
        if (loaded == 0) {
            freeArrays();
        }
        if (rest != null) {
            rest.removeIf(test);
            rest = rest.size() == 0 ? null : rest;
        }
    }

    /** Messages at the end that were forgotten. Immutable. */
    public static final class Cut {
        private final long firstPosition;
        private final int count;

        Cut(long firstPosition, int count) {
            this.firstPosition = firstPosition;
            this.count = count;
        }

        public long firstPosition() {
            return firstPosition;
        }

        public int count() {
            return count;
        }
    }

    /**
     * Forgets the last messages, about half of those without body, all of the queue of the last one. Null if there are too few to
     * be worth it.
     */
    public @Nullable Cut cutLaterHalf() {
        return rest == null ? null : rest.cutLaterHalf();
    }

    /** Forgets all. */
    public void clear() {
        positions = NO_POSITIONS;
        messages = NO_MESSAGES;
        head = 0;
        loaded = 0;
        rest = null;
    }

    /** All positions in order: a copy. */
    public long[] positions() {
        long[] unloaded = rest == null ? NO_POSITIONS : rest.toArray();
        long[] all = new long[loaded + unloaded.length];
        for (int index = 0; index < loaded; index++) {
            all[index] = position(index);
        }
        System.arraycopy(unloaded, 0, all, loaded, unloaded.length);
        return all;
    }

    private PositionRuns unloaded() {
        if (rest == null) {
            throw new IllegalStateException("no message without body");
        }
        return rest;
    }

    private void freeArrays() {
        if (positions.length > FIRST_CAPACITY) {
            positions = NO_POSITIONS;
            messages = NO_MESSAGES;
        }
        head = 0;
    }

    private int placeOf(int index) {
        return (head + index) & (positions.length - 1);
    }

    private void resize(int capacity) {
        long[] newPositions = new long[capacity];
        @Nullable BrokerMessage[] newMessages = new BrokerMessage[capacity];
        for (int i = 0; i < loaded; i++) {
            newPositions[i] = positions[placeOf(i)];
            newMessages[i] = messages[placeOf(i)];
        }
        positions = newPositions;
        messages = newMessages;
        head = 0;
    }

    @Override
    public String toString() {
        return "PendingMessages[loaded=" + loaded + ", size=" + size() + ", first="
                + (isEmpty() ? "none" : Position.describe(firstPosition())) + ", capacity="
                + Arrays.stream(positions).count() + ']';
    }
}
