package io.litetopic.cli.bench.client;

/** Names of the lite topics of a load, by index. */
final class LiteTopics {
    private LiteTopics() {}

    static String name(int index) {
        return "session-" + index;
    }
}
