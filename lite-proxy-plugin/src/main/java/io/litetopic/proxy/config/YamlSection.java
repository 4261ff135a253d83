package io.litetopic.proxy.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One mapping of the file, read key by key. A wrong value is reported with its place and the default is returned, so that
 * reading goes on and finds the other errors; the caller must not use the values if there is any error.
 */
final class YamlSection {
    private static final Pattern WHOLE_NUMBER = Pattern.compile("[+-]?(0|[1-9][0-9_]*)");
    private static final Pattern NUMBER = Pattern.compile("[+-]?(0|[1-9][0-9_]*)(\\.[0-9]+)?");

    private final ConfigErrors errors;
    private final String path;
    private final Node node;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();

    private YamlSection(ConfigErrors errors, String path, Node node) {
        this.errors = errors;
        this.path = path;
        this.node = node;
    }

    /**
     * Reads the mapping at {@code node}. Anything else, and keys that occur twice, are reported.
     *
     * @param path of the mapping, empty for the top level
     * @param whatItHolds for the error message: "keys of a bind topic"
     */
    static YamlSection of(Node node, String path, String whatItHolds, ConfigErrors errors) {
        YamlSection section = new YamlSection(errors, path, node);
        if (node instanceof MappingNode) {
            ((MappingNode) node).getValue().forEach(section::addEntry);
        } else if (!isNull(node)) {
            errors.add(node, section.displayPath(), describe(node) + " is not a mapping; write " + whatItHolds);
        }
        return section;
    }

    private void addEntry(NodeTuple entry) {
        Node key = entry.getKeyNode();
        if (!(key instanceof ScalarNode)) {
            errors.add(key, displayPath(), "a key must be a plain word; remove the brackets or braces");
            return;
        }
        String name = ((ScalarNode) key).getValue();
        NodeTuple first = entries.putIfAbsent(name, entry);
        if (first != null) {
            int firstLine = first.getKeyNode().getStartMark().getLine() + 1;
            errors.add(key, pathOf(name), "occurs twice, first in line " + firstLine + "; remove one");
        }
    }

    /** Reports every key that is not one of {@code known}. */
    void allowOnly(String... known) {
        List<String> legal = Arrays.asList(known);
        entries.forEach((name, entry) -> {
            if (!legal.contains(name)) {
                String all = legal.stream().sorted().collect(Collectors.joining(", "));
                errors.add(
                        entry.getKeyNode(), pathOf(name), "unknown key; known here: " + all + "; correct or remove it");
            }
        });
    }

    boolean has(String key) {
        return entries.containsKey(key);
    }

    /** Names of all keys in the order of the file; reported duplicates occur once. */
    Iterable<String> keys() {
        return entries.keySet();
    }

    /** The mapping under {@code key}; empty if the key is absent or has no value. */
    YamlSection section(String key, String whatItHolds) {
        NodeTuple entry = entries.get(key);
        if (entry == null) {
            return new YamlSection(errors, pathOf(key), node);
        }
        return of(entry.getValueNode(), pathOf(key), whatItHolds, errors);
    }

    /** Like {@link #section}, but reports a mapping that is absent or has no entry. */
    YamlSection requiredSection(String key, String whatItHolds) {
        YamlSection section = section(key, whatItHolds);
        if (section.entries.isEmpty() && section.isMappingOrNothing()) {
            reject(key, "is missing or empty; declare " + whatItHolds);
        }
        return section;
    }

    private boolean isMappingOrNothing() {
        return node instanceof MappingNode || isNull(node);
    }

    int intValue(String key, int min, int max, int defaultValue) {
        ScalarNode value = scalar(key, "a whole number from " + min + " to " + max);
        if (value == null) {
            return defaultValue;
        }
        String text = value.getValue();
        String legal = "write a whole number from " + min + " to " + max + ", or leave it out for " + defaultValue;
        if (!value.isPlain() || !WHOLE_NUMBER.matcher(text).matches()) {
            errors.add(value, pathOf(key), describe(value) + " is not a whole number; " + legal);
            return defaultValue;
        }
        Optional<Integer> number = inRange(text.replace("_", ""), min, max);
        if (!number.isPresent()) {
            errors.add(value, pathOf(key), text + " is out of range; " + legal);
        }
        return number.orElse(defaultValue);
    }

    /** A number with or without fraction; an absent key is reported. */
    double requiredNumber(String key, double min, double max) {
        String legal = "write a number from " + plain(min) + " to " + plain(max);
        if (!entries.containsKey(key)) {
            errors.add(node, pathOf(key), "is missing; " + legal);
            return max;
        }
        ScalarNode value = scalar(key, "a number from " + plain(min) + " to " + plain(max));
        if (value == null) {
            return max;
        }
        String text = value.getValue();
        if (!value.isPlain() || !NUMBER.matcher(text).matches()) {
            errors.add(value, pathOf(key), describe(value) + " is not a number; " + legal);
            return max;
        }
        double number = Double.parseDouble(text.replace("_", ""));
        if (!(number >= min && number <= max)) {
            errors.add(value, pathOf(key), text + " is out of range; " + legal);
            return max;
        }
        return number;
    }

    /** The mappings of the list under {@code key}, in order; empty if the key is absent. An empty list is reported. */
    List<YamlSection> sections(String key, String whatOneHolds) {
        List<YamlSection> sections = new ArrayList<>();
        NodeTuple entry = entries.get(key);
        if (entry == null) {
            return sections;
        }
        Node value = entry.getValueNode();
        if (!(value instanceof SequenceNode)) {
            String what = isNull(value) ? "has no value" : describe(value) + " is not a list";
            errors.add(value, pathOf(key), what + "; write a list of " + whatOneHolds + ", or leave the key out");
            return sections;
        }
        for (Node item : ((SequenceNode) value).getValue()) {
            String place = pathOf(key) + '[' + sections.size() + ']';
            if (isNull(item)) {
                errors.add(item, place, "has no value; write " + whatOneHolds);
            }
            sections.add(of(item, place, whatOneHolds, errors));
        }
        if (sections.isEmpty()) {
            errors.add(value, pathOf(key), "is empty; write a list of " + whatOneHolds + ", or leave the key out");
        }
        return sections;
    }

    /** One word, or a list of words, under {@code key}. None at all is reported; the answer is empty then. */
    List<String> requiredWords(String key, String legal) {
        List<String> words = new ArrayList<>();
        NodeTuple entry = entries.get(key);
        if (entry == null) {
            errors.add(node, pathOf(key), "is missing; write " + legal);
            return words;
        }
        Node value = entry.getValueNode();
        if (!(value instanceof SequenceNode)) {
            ScalarNode single = scalar(key, legal);
            if (single != null) {
                words.add(single.getValue());
            }
            return words;
        }
        for (Node item : ((SequenceNode) value).getValue()) {
            if (isNull(item) || !(item instanceof ScalarNode)) {
                String what = isNull(item) ? "has an entry without value" : describe(item) + " is not a single value";
                errors.add(item, pathOf(key), what + "; write " + legal);
            } else {
                words.add(((ScalarNode) item).getValue());
            }
        }
        if (((SequenceNode) value).getValue().isEmpty()) {
            errors.add(value, pathOf(key), "is empty; write " + legal);
        }
        return words;
    }

    /** A duration, or {@code null} for the word {@code none} or an absent key. */
    @Nullable
    Duration optionalDuration(String key, Duration min, Duration max) {
        ScalarNode value = scalar(key, ConfigDuration.SYNTAX + ", or none");
        return value == null || value.getValue().equals("none") ? null : duration(key, value, min, max, "none");
    }

    Duration duration(String key, Duration min, Duration max, Duration defaultValue) {
        ScalarNode value = scalar(key, ConfigDuration.SYNTAX);
        String otherwise = "leave it out for " + ConfigDuration.format(defaultValue);
        Duration duration = value == null ? null : duration(key, value, min, max, otherwise);
        return duration == null ? defaultValue : duration;
    }

    private @Nullable Duration duration(String key, ScalarNode value, Duration min, Duration max, String otherwise) {
        String text = value.getValue();
        String legal = "from " + ConfigDuration.format(min) + " to " + ConfigDuration.format(max) + ", or " + otherwise;
        Optional<Duration> duration = ConfigDuration.parse(text);
        if (!duration.isPresent()) {
            String problem = describe(value) + " is not a duration; write " + ConfigDuration.SYNTAX + ", " + legal;
            errors.add(value, pathOf(key), problem);
            return null;
        }
        if (duration.get().compareTo(min) < 0 || duration.get().compareTo(max) > 0) {
            errors.add(value, pathOf(key), text + " is out of range; write a duration " + legal);
        }
        return duration.get();
    }

    /** The word under {@code key}, or {@code null} if the key is absent. */
    @Nullable
    String word(String key, String legal) {
        ScalarNode value = scalar(key, legal);
        return value == null ? null : value.getValue();
    }

    /** Reports that the value of {@code key} is wrong. */
    void reject(String key, String problem) {
        NodeTuple entry = entries.get(key);
        errors.add(entry == null ? node : entry.getValueNode(), pathOf(key), problem);
    }

    /** Reports that the name {@code key} itself is wrong. */
    void rejectName(String key, String problem) {
        NodeTuple entry = entries.get(key);
        errors.add(entry == null ? node : entry.getKeyNode(), pathOf(key), problem);
    }

    int lineOf(String key) {
        NodeTuple entry = entries.get(key);
        return (entry == null ? node : entry.getKeyNode()).getStartMark().getLine() + 1;
    }

    String pathOf(String key) {
        return path.isEmpty() ? key : path + '.' + key;
    }

    private @Nullable ScalarNode scalar(String key, String legal) {
        NodeTuple entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        Node value = entry.getValueNode();
        if (isNull(value) || !(value instanceof ScalarNode)) {
            String what = isNull(value) ? "has no value" : describe(value) + " is not a single value";
            errors.add(value, pathOf(key), what + "; write " + legal);
            return null;
        }
        return (ScalarNode) value;
    }

    private String displayPath() {
        return path.isEmpty() ? "top level" : path;
    }

    /** Without the fraction that is none. */
    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    private static boolean isNull(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private static Optional<Integer> inRange(String digits, int min, int max) {
        try {
            long number = Long.parseLong(digits);
            return number >= min && number <= max ? Optional.of((int) number) : Optional.empty();
        } catch (NumberFormatException tooManyDigits) {
            // more digits than a long has: out of range as well
            return Optional.empty();
        }
    }

    private static String describe(Node node) {
        if (node instanceof ScalarNode) {
            return "'" + ((ScalarNode) node).getValue() + "'";
        }
        return node instanceof MappingNode ? "a mapping" : "a list";
    }
}
