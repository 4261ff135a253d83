package io.litetopic.proxy.engine;

/**
 * Which lite topics a client may receive from. Called on the engine thread; the answer may change only together with a call of
 * {@link GroupEngine#recheckFilters}. Filters that answer the same must be equal.
 */
public interface LiteTopicFilter {
    /** Every lite topic. Compared by identity: clients with this filter share one ready ring. */
    LiteTopicFilter ALL = liteTopic -> true;

    boolean accepts(String liteTopic);
}
