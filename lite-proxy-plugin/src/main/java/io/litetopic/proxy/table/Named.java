package io.litetopic.proxy.table;

/** An entry of a {@link NameTable}. */
public interface Named {
    /** The key: never changes while the entry is in a table. */
    String name();
}
