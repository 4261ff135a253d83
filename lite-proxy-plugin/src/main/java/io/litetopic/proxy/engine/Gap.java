package io.litetopic.proxy.engine;

import org.jspecify.annotations.Nullable;

/**
 * That the index of a lite topic lacks the messages of one queue from an offset on: it was cut, or the lite topic starts anew. A
 * scan of the queue fills it. Owner: engine thread.
 */
final class Gap {
    final int slot;
    /** What is before is in the index or done with. */
    long fromOffset;
    /** Before this offset nothing is wanted: what is found there and is not done is done with. */
    final long unwantedBelow;
    /** Before this offset also what is done already belongs into the index. */
    final long replayBelow;
    /** Messages in the gap that are known to wait. */
    long messages;
    /** The scan under way has passed messages of it that found no room, or began behind it. */
    boolean missedByScan = true;

    @Nullable
    Gap next;

    Gap(int slot, long fromOffset, long unwantedBelow, long replayBelow) {
        this.slot = slot;
        this.fromOffset = fromOffset;
        this.unwantedBelow = unwantedBelow;
        this.replayBelow = replayBelow;
    }
}
