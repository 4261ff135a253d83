/**
 * Durable state of consumer groups in internal topics of the broker: records, their writing and recovery. Read
 * {@link io.litetopic.proxy.journal.Journal} first.
 */
@NullMarked
package io.litetopic.proxy.journal;

import org.jspecify.annotations.NullMarked;
