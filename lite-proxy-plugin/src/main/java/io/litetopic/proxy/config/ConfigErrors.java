package io.litetopic.proxy.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.Node;

/** Collects the errors of one file so that the operator sees all of them at once. */
final class ConfigErrors {
    private final String sourceName;
    private final List<String> errors = new ArrayList<>();

    ConfigErrors(String sourceName) {
        this.sourceName = sourceName;
    }

    /** Records that the value at {@code node} is wrong; {@code problem} says what is legal and what to do. */
    void add(Node node, String path, String problem) {
        addAt(node.getStartMark(), path + ": " + problem);
    }

    void addAt(@Nullable Mark mark, String problem) {
        String position = mark == null ? "" : ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
        errors.add(sourceName + position + ": " + problem);
    }

    boolean isEmpty() {
        return errors.isEmpty();
    }

    ConfigException toException() {
        return new ConfigException(errors, null);
    }
}
