package io.litetopic.cli.bench;

import io.litetopic.cli.bench.model.CaseResult;
import io.litetopic.cli.bench.model.Contender;
import io.litetopic.cli.bench.model.Load;
import io.litetopic.cli.bench.model.LoadCase;
import java.util.Map;

/**
 * A case of a load that a contender is to do.
 *
 * @param repetition from 1
 */
record PlannedRun(Load load, LoadCase loadCase, Contender contender, int repetition) {
    String topic() {
        return "bench";
    }

    String group() {
        return topic() + "-workers";
    }

    /** How many lite topics a consumer of the load may subscribe to. */
    long liteTopics() {
        Map<String, Long> parameters = loadCase.parameters();
        return parameters.getOrDefault("liteTopics", 0L) + parameters.getOrDefault("otherSuspended", 0L);
    }

    /** Whether its consumers get all lite topics without subscribing. */
    boolean wildcard() {
        return loadCase.subscribing() == LoadCase.Subscribing.NONE;
    }

    /** For people. */
    String title() {
        return "%s, %s, %s".formatted(load.key(), loadCase.name(), contender.title());
    }

    /** Its result if it does not come to one by itself. */
    CaseResult failed(String failure) {
        return CaseResult.failed(load, loadCase.name(), contender, repetition, failure);
    }
}
