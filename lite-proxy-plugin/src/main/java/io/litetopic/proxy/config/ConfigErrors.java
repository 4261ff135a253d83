package io.litetopic.proxy.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.Node;

/** Collects the errors of one file so that the operator sees all of them at once. */
final class ConfigErrors {
    private static final Comparator<Entry> IN_FILE_ORDER =
            Comparator.<Entry>comparingInt(entry -> entry.line).thenComparingInt(entry -> entry.column);

    private final String sourceName;
    private final List<Entry> entries = new ArrayList<>();

    ConfigErrors(String sourceName) {
        this.sourceName = sourceName;
    }

    /** Records that the value at {@code node} is wrong; {@code problem} says what is legal and what to do. */
    void add(Node node, String path, String problem) {
        addAt(node.getStartMark(), path + ": " + problem);
    }

    void addAt(@Nullable Mark mark, String problem) {
        entries.add(new Entry(mark == null ? 0 : mark.getLine() + 1, mark == null ? 0 : mark.getColumn() + 1, problem));
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** With all errors in the order of the file. */
    ConfigException toException() {
        entries.sort(IN_FILE_ORDER);
        List<String> errors = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            String position = entry.line == 0 ? "" : ":" + entry.line + ":" + entry.column;
            errors.add(sourceName + position + ": " + entry.problem);
        }
        return new ConfigException(errors, null);
    }

    private static final class Entry {
        /** Counted from 1; 0 if the error has no place. */
        final int line;

        final int column;
        final String problem;

        Entry(int line, int column, String problem) {
            this.line = line;
            this.column = column;
            this.problem = problem;
        }
    }
}
