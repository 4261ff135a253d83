/**
 * What must outlive this process: the seam between dispatch and durable storage. Read
 * {@link io.litetopic.proxy.journal.JournalStore} first.
 */
@NullMarked
package io.litetopic.proxy.journal;

import org.jspecify.annotations.NullMarked;
