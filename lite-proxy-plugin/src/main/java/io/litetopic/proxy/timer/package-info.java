/**
 * Deadlines of the dispatcher: a heap of timers that is read with the time of the current command. Owns no clock and no thread.
 * Read {@link io.litetopic.proxy.timer.TimerQueue} first.
 */
@NullMarked
package io.litetopic.proxy.timer;

import org.jspecify.annotations.NullMarked;
