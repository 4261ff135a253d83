package io.litetopic.cli.bench.client;

import java.util.function.Consumer;

/**
 * A listener call begins or ends, or a consumer has unsubscribed. One line of text between processes.
 *
 * @param node 0: the consumer that goes; 1: the one that takes over
 * @param nanos by {@link System#nanoTime()}, which all processes of a Linux machine share
 */
record HandOverEvent(int node, boolean begin, int message, int liteTopic, long offset, long nanos) {
    String toLine() {
        return "%d %b %d %d %d %d".formatted(node, begin, message, liteTopic, offset, nanos);
    }

    static HandOverEvent parse(String line) {
        String[] fields = line.split(" ");
        return new HandOverEvent(
                Integer.parseInt(fields[0]),
                Boolean.parseBoolean(fields[1]),
                Integer.parseInt(fields[2]),
                Integer.parseInt(fields[3]),
                Long.parseLong(fields[4]),
                Long.parseLong(fields[5]));
    }

    /** A handler that reports, and takes its time. */
    static Handler reporting(int node, int handlerMillis, Consumer<HandOverEvent> events) {
        return (payload, offset) -> {
            events.accept(
                    new HandOverEvent(node, true, payload.message(), payload.liteTopic(), offset, System.nanoTime()));
            Thread.sleep(handlerMillis);
            events.accept(
                    new HandOverEvent(node, false, payload.message(), payload.liteTopic(), offset, System.nanoTime()));
            return null;
        };
    }
}
