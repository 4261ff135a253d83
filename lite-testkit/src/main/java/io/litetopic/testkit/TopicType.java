package io.litetopic.testkit;

/** Message types that a stock topic can be created for. The names are those of the topic attribute {@code message.type}. */
public enum TopicType {
    /** Messages without any order. */
    NORMAL,

    /** Messages ordered within their message group; also the type of every bind topic. */
    FIFO,

    /** Messages delivered at or after a given time. */
    DELAY,

    /** Messages that become visible when their transaction commits. */
    TRANSACTION,

    /** Lite topics of the brokers' own; with {@link StockClusterBuilder#nativeLite()} only, other brokers refuse it. */
    LITE
}
