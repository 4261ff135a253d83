/**
 * What one consumer group must remember across crashes, as plain values: changes for the journal, and the state that they add up
 * to. No I/O, no threads, no clock. Read {@link io.litetopic.proxy.state.StateChanges} first.
 */
@NullMarked
package io.litetopic.proxy.state;

import org.jspecify.annotations.NullMarked;
