package io.litetopic.cli.bench;

import java.util.List;

/**
 * A case of a load that a contender is to do.
 *
 * @param repetition from 1
 * @param topic its own, so that no run meets leftovers of another
 */
record PlannedRun(Load load, LoadCase loadCase, Contender contender, int repetition, String topic) {
    String group() {
        return topic + "-workers";
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
        return new CaseResult(load, loadCase.name(), contender, repetition, List.of(), List.of(), null, failure);
    }
}
