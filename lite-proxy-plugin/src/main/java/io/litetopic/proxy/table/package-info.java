/**
 * Hash tables for many small entries. Plain state: no I/O, threads or clock. Read {@link io.litetopic.proxy.table.NameTable}
 * first.
 */
@NullMarked
package io.litetopic.proxy.table;

import org.jspecify.annotations.NullMarked;
