package io.litetopic.proxy.mailbox;

import io.litetopic.proxy.broker.BrokerMessage;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Positions of unacked messages of one lite topic in delivery order, each with its message if that is cached. A ring of two
 * parallel arrays that are allocated with the first message: an idle mailbox costs nothing here.
 *
 * <p>Indexes count from the first message. Not thread-safe: engine thread.
 */
public final class PendingMessages {
    private static final long[] NO_POSITIONS = {};
    private static final @Nullable BrokerMessage[] NO_MESSAGES = {};

    private long[] positions = NO_POSITIONS;
    private @Nullable BrokerMessage[] messages = NO_MESSAGES;
    private int head;
    private int size;

    public int size() {
        return size;
    }

    public void addLast(long position, @Nullable BrokerMessage message) {
        if (size == positions.length) {
            resize(Math.max(2, size * 2));
        }
        int index = slotOf(size++);
        positions[index] = position;
        messages[index] = message;
    }

    public long position(int index) {
        return positions[slotOf(index)];
    }

    public @Nullable BrokerMessage message(int index) {
        return messages[slotOf(index)];
    }

    public void setMessage(int index, @Nullable BrokerMessage message) {
        messages[slotOf(index)] = message;
    }

    /** Index of a position among the first {@code limit} messages, or -1. Linear: meant for the few a client holds. */
    public int indexOf(long position, int limit) {
        int end = Math.min(limit, size);
        for (int index = 0; index < end; index++) {
            if (position(index) == position) {
                return index;
            }
        }
        return -1;
    }

    /** Removes one message. Cheap for the first; moves all before it otherwise. */
    public void remove(int index) {
        for (int i = index; i > 0; i--) {
            int to = slotOf(i);
            int from = slotOf(i - 1);
            positions[to] = positions[from];
            messages[to] = messages[from];
        }
        messages[head] = null;
        size--;
        if (size == 0) {
            clear();
            return;
        }
        head = (head + 1) & (positions.length - 1);
        if (positions.length > 16 && size < positions.length / 8) {
            resize(positions.length / 2);
        }
    }

    /** Removes every message whose position {@code test} accepts, in one pass; the others keep their order. */
    public void removeIf(LongPredicate test) {
        int kept = 0;
        for (int index = 0; index < size; index++) {
            long position = position(index);
            if (!test.test(position)) {
                BrokerMessage message = message(index);
                positions[slotOf(kept)] = position;
                messages[slotOf(kept)] = message;
                kept++;
            }
        }
        for (int index = kept; index < size; index++) {
            messages[slotOf(index)] = null;
        }
        size = kept;
        if (size == 0) {
            clear();
        }
    }

    private void clear() {
        positions = NO_POSITIONS;
        messages = NO_MESSAGES;
        head = 0;
    }

    private int slotOf(int index) {
        return (head + index) & (positions.length - 1);
    }

    private void resize(int capacity) {
        long[] newPositions = new long[capacity];
        @Nullable BrokerMessage[] newMessages = new BrokerMessage[capacity];
        for (int i = 0; i < size; i++) {
            newPositions[i] = positions[slotOf(i)];
            newMessages[i] = messages[slotOf(i)];
        }
        positions = newPositions;
        messages = newMessages;
        head = 0;
    }
}
