/**
 * The parts of a mailbox: queue positions in order with the bodies that are cached, and the states with their legal moves. Plain
 * state without I/O, threads or clock. Read {@link io.litetopic.proxy.mailbox.MailboxState} first.
 */
@NullMarked
package io.litetopic.proxy.mailbox;

import org.jspecify.annotations.NullMarked;
