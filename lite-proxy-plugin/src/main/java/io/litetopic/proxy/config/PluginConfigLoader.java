package io.litetopic.proxy.config;

import io.litetopic.proxy.engine.ExpiryPolicy;
import io.litetopic.proxy.engine.SubscriptionMode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads the plugin's YAML file. Nothing is guessed: an unknown key, a wrong type or a value out of range is an error, and all
 * errors of a file are reported together. Thread-safe.
 */
public final class PluginConfigLoader {
    private static final int MAX_CHARACTERS = 4 * 1024 * 1024;
    private static final int MAX_ALIASES = 50;
    private static final int MAX_DEPTH = 20;
    private static final int MAX_COUNT = 100_000_000;
    private static final int MAX_QUEUES = 1_024;
    private static final int MAX_NAMES = 1_000_000;
    private static final int MAX_ACKS = 1_000_000;
    private static final int MAX_RATE = 10_000_000;
    private static final int MIN_BYTES = 1_024;
    private static final int MAX_BYTES = 128 << 20;
    private static final Duration MIN_TTL = Duration.ofSeconds(1);
    private static final Duration MAX_TTL = Duration.ofDays(365);
    private static final Duration MAX_FLUSH_INTERVAL = Duration.ofSeconds(10);
    private static final String BIND_TOPIC_EXAMPLE = "bindTopics: {inference: {groups: {workers: {mode: shared}}}}";

    /** A name, an IPv4 address or an IPv6 address in brackets, and a port. */
    private static final Pattern ADDRESS =
            Pattern.compile("(?:[A-Za-z0-9][A-Za-z0-9._-]*|\\[[0-9A-Fa-f:.]+]):([0-9]{1,5})");

    private final GroupReader groupReader;

    /** @param supportedModes modes the engine of this version serves; any other is an error */
    public PluginConfigLoader(Set<SubscriptionMode> supportedModes) {
        this.groupReader = new GroupReader(supportedModes);
    }

    /** @throws ConfigException if the file is missing, unreadable, not UTF-8, not YAML, or has errors */
    public PluginConfig load(Path file) throws ConfigException {
        String text;
        try {
            // a fresh decoder reports bytes that are not UTF-8; new String(bytes, UTF_8) would replace them
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (NoSuchFileException e) {
            throw unreadable(file, "no such file; create it, or name the right one", e);
        } catch (CharacterCodingException e) {
            throw unreadable(file, "is not UTF-8; save it as UTF-8", e);
        } catch (IOException e) {
            throw unreadable(file, "cannot be read (" + e + "); check its permissions", e);
        }
        return parse(text, file.toString());
    }

    /**
     * @param sourceName what errors call the text, usually the file's path
     * @throws ConfigException if the text is not YAML or has errors
     */
    public PluginConfig parse(String text, String sourceName) throws ConfigException {
        ConfigErrors errors = new ConfigErrors(sourceName);
        Node root = compose(text, sourceName, errors);
        if (root == null) {
            errors.addAt(null, "is empty; declare at least one bind topic: " + BIND_TOPIC_EXAMPLE);
            throw errors.toException();
        }
        YamlSection top = YamlSection.of(root, "", "the key bindTopics: " + BIND_TOPIC_EXAMPLE, errors);
        top.allowOnly("bindTopics", "limits", "journal", "cluster");
        PluginConfig config = new PluginConfig(bindTopics(top), limits(top), journal(top), advertisedAddress(top));
        checkSetsFit(config, top);
        if (!errors.isEmpty()) {
            throw errors.toException();
        }
        return config;
    }

    private static @Nullable Node compose(String text, String sourceName, ConfigErrors errors) throws ConfigException {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_CHARACTERS);
        options.setMaxAliasesForCollections(MAX_ALIASES);
        options.setNestingDepthLimit(MAX_DEPTH);
        try {
            return new Yaml(new SafeConstructor(options)).compose(new StringReader(text));
        } catch (MarkedYAMLException e) {
            errors.addAt(e.getProblemMark(), "is not valid YAML: " + e.getProblem() + "; correct the file");
            throw errors.toException();
        } catch (YAMLException e) {
            throw new ConfigException(
                    Collections.singletonList(
                            sourceName + ": is not valid YAML: " + e.getMessage() + "; correct the file"),
                    e);
        }
    }

    private Map<String, BindTopicConfig> bindTopics(YamlSection top) {
        YamlSection topics = top.requiredSection("bindTopics", "at least one bind topic: " + BIND_TOPIC_EXAMPLE);
        Map<String, BindTopicConfig> result = new LinkedHashMap<>();
        Map<String, String> placeOfGroup = new LinkedHashMap<>();
        for (String name : topics.keys()) {
            StockNames.violationOfTopic(name)
                    .ifPresent(problem -> topics.rejectName(name, "'" + name + "' " + problem));
            YamlSection topic = topics.section(name, "keys of a bind topic: groups, liteTopicQuota, queues, ttl");
            result.put(name, bindTopic(name, topic, placeOfGroup));
        }
        return result;
    }

    private BindTopicConfig bindTopic(String name, YamlSection topic, Map<String, String> placeOfGroup) {
        topic.allowOnly("ttl", "onExpiry", "liteTopicQuota", "queues", "permissions", "groups");
        Map<String, LiteGroupConfig> groups = new LinkedHashMap<>();
        YamlSection groupSection =
                topic.requiredSection("groups", "at least one group: groups: {workers: {mode: shared}}");
        for (String group : groupSection.keys()) {
            StockNames.violationOfGroup(group)
                    .ifPresent(problem -> groupSection.rejectName(group, "'" + group + "' " + problem));
            String place = name + " (line " + groupSection.lineOf(group) + ")";
            String first = placeOfGroup.putIfAbsent(group, place);
            if (first != null) {
                groupSection.rejectName(
                        group,
                        "the group is declared under bind topic " + first
                                + " already; a group consumes one bind topic: use another group name");
            }
            groups.put(group, groupReader.read(group, groupSection));
        }
        return BindTopicConfig.builder(name)
                .ttl(topic.optionalDuration("ttl", MIN_TTL, MAX_TTL))
                .onExpiry(onExpiry(topic))
                .liteTopicQuota(
                        topic.intValue("liteTopicQuota", 1, MAX_COUNT, BindTopicConfig.DEFAULT_LITE_TOPIC_QUOTA))
                .queues(topic.intValue("queues", 1, MAX_QUEUES, BindTopicConfig.DEFAULT_QUEUES))
                .permissions(PermissionReader.read(topic))
                .groups(groups)
                .build();
    }

    private static ExpiryPolicy onExpiry(YamlSection topic) {
        String legal =
                Stream.of(ExpiryPolicy.values()).map(ExpiryPolicy::configName).collect(Collectors.joining(", "));
        String word = topic.word("onExpiry", "one of " + legal);
        if (word == null) {
            return ExpiryPolicy.DELETE;
        }
        for (ExpiryPolicy policy : ExpiryPolicy.values()) {
            if (policy.configName().equals(word)) {
                return policy;
            }
        }
        topic.reject("onExpiry", "'" + word + "' is no policy; use one of " + legal);
        return ExpiryPolicy.DELETE;
    }

    /** A client sends all its subscriptions in one request when it comes back: that must be allowed. */
    private static void checkSetsFit(PluginConfig config, YamlSection top) {
        int most = config.limits().namesPerRequest();
        for (BindTopicConfig topic : config.bindTopics().values()) {
            for (LiteGroupConfig group : topic.groups().values()) {
                if (group.mode() != SubscriptionMode.WILDCARD && group.subscriptionsPerClient() > most) {
                    top.reject(
                            "limits",
                            "namesPerRequest is " + most + " and less than bindTopics." + topic.name() + ".groups."
                                    + group.name() + ".subscriptionsPerClient, " + group.subscriptionsPerClient()
                                    + ": a client could not send its whole set; raise limits.namesPerRequest, at most "
                                    + MAX_NAMES + ", or lower subscriptionsPerClient");
                }
            }
        }
    }

    private static LimitsConfig limits(YamlSection top) {
        YamlSection limits = top.section("limits", "keys of the limits: {requestsPerSecond: 50000}");
        limits.allowOnly(
                "namesPerRequest",
                "acksPerRequest",
                "receivesPerClient",
                "receivesPerGroup",
                "requestsPerSecond",
                "requestBytes");
        LimitsConfig defaults = LimitsConfig.DEFAULT;
        return LimitsConfig.builder()
                .namesPerRequest(limits.intValue("namesPerRequest", 1, MAX_NAMES, defaults.namesPerRequest()))
                .acksPerRequest(limits.intValue("acksPerRequest", 1, MAX_ACKS, defaults.acksPerRequest()))
                .receivesPerClient(limits.intValue("receivesPerClient", 1, MAX_COUNT, defaults.receivesPerClient()))
                .receivesPerGroup(limits.intValue("receivesPerGroup", 1, MAX_COUNT, defaults.receivesPerGroup()))
                .requestsPerSecond(limits.intValue("requestsPerSecond", 1, MAX_RATE, defaults.requestsPerSecond()))
                .requestBytes(limits.intValue("requestBytes", MIN_BYTES, MAX_BYTES, defaults.requestBytes()))
                .build();
    }

    private static JournalConfig journal(YamlSection top) {
        YamlSection journal = top.section("journal", "keys of the journal: {flushInterval: 100ms}");
        journal.allowOnly("flushInterval", "onDamage");
        Duration interval = journal.duration(
                "flushInterval", Duration.ZERO, MAX_FLUSH_INTERVAL, JournalConfig.DEFAULT.flushInterval());
        String onDamage = journal.word("onDamage", "stop or skip");
        if (onDamage != null && !onDamage.equals("stop") && !onDamage.equals("skip")) {
            journal.reject("onDamage", "'" + onDamage + "' is no policy; use stop or skip");
        }
        return new JournalConfig(interval, "skip".equals(onDamage));
    }

    private static @Nullable String advertisedAddress(YamlSection top) {
        String example = "host:port under which clients reach this proxy, like 10.0.0.5:8081";
        YamlSection cluster = top.section("cluster", "keys of the cluster: {advertisedAddress: \"10.0.0.5:8081\"}");
        cluster.allowOnly("advertisedAddress");
        String address = cluster.word("advertisedAddress", example);
        if (address == null) {
            return null;
        }
        Matcher parts = ADDRESS.matcher(address);
        if (!parts.matches() || Integer.parseInt(parts.group(1)) < 1 || Integer.parseInt(parts.group(1)) > 65_535) {
            cluster.reject("advertisedAddress", "'" + address + "' is no address; write " + example);
        }
        return address;
    }

    private static ConfigException unreadable(Path file, String problem, IOException cause) {
        return new ConfigException(Collections.singletonList(file + ": " + problem), cause);
    }
}
