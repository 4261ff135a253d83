package io.litetopic.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.litetopic.proxy.engine.LiteTopicRule;
import io.litetopic.proxy.engine.LiteTopicRules;
import io.litetopic.proxy.engine.SubscriptionMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PluginConfigLoaderTest {
    private static final String LONG_NAME = "t".repeat(128);
    private static final String EXAMPLE = "bindTopics: {inference: {groups: {workers: {mode: shared}}}}";

    private static final String PERMISSION = "{user: tenant-a, liteTopics: \"tenant-a/*\", actions: [PUB, SUB]}";

    private final PluginConfigLoader loader = new PluginConfigLoader(EnumSet.allOf(SubscriptionMode.class));

    @Test
    void readsEveryKey() throws ConfigException {
        String yaml = """
                bindTopics:
                  inference:
                    ttl: 30m   # idle lite topics go
                    onExpiry: dead-letter
                    liteTopicQuota: 2_000_000
                    queues: 16
                    permissions:
                      - { user: tenant-a, liteTopics: "tenant-a/*", actions: [PUB, SUB] }
                      - { user: "*", liteTopics: [public, "news/*"], actions: SUB }
                    groups:
                      workers:
                        { mode: exclusive, subscriptionsPerClient: 10, subscriptionsPerGroup: 100, maxAttempts: 3,
                          inFlightPerClient: 70, inFlightPerLiteTopic: 7, weights: { vip-1: 10, "vip-*": 5 },
                          rateLimits: { "free-*": { messagesPerSecond: 0.5 }, "*": { messagesPerSecond: 10, burst: 20 } } }
                      audit: { mode: wildcard }
                  chat:
                    groups:
                      bots:
                limits: { namesPerRequest: 3_000, acksPerRequest: 2, receivesPerClient: 3, receivesPerGroup: 4,
                          requestsPerSecond: 5, requestBytes: 2_048 }
                """;

        PluginConfig config = loader.parse(yaml, "lite.yaml");

        assertThat(config.bindTopics().keySet()).containsExactly("inference", "chat");
        assertThat(bindTopic(config, "inference"))
                .hasToString(
                        "{name=inference, ttl=PT30M, onExpiry=dead-letter, liteTopicQuota=2000000, queues=16, "
                                + "permissions=[{user=tenant-a, liteTopics=[tenant-a/*], actions=[PUB, SUB]}, "
                                + "{user=*, liteTopics=[public, news/*], actions=[SUB]}], groups=["
                                + "{name=workers, mode=exclusive, subscriptionsPerClient=10, subscriptionsPerGroup=100, maxAttempts=3, "
                                + "inFlightPerClient=70, inFlightPerLiteTopic=7, weights={vip-1=10, vip-*=5}, rateLimits={"
                                + "free-*={messagesPerSecond=0.5, burst=1}, *={messagesPerSecond=10.0, burst=20}}}, "
                                + "{name=audit, mode=wildcard, subscriptionsPerClient=2000, subscriptionsPerGroup=1000000, "
                                + "maxAttempts=17, inFlightPerClient=16384, inFlightPerLiteTopic=1024, weights={}, rateLimits={}}]}");
        assertThat(bindTopic(config, "chat"))
                .hasToString(
                        "{name=chat, ttl=none, onExpiry=delete, liteTopicQuota=1000000, queues=8, permissions=[], "
                                + "groups=[{name=bots, mode=shared, subscriptionsPerClient=2000, subscriptionsPerGroup=1000000, "
                                + "maxAttempts=17, inFlightPerClient=16384, inFlightPerLiteTopic=1024, weights={}, rateLimits={}}]}");
        assertThat(config.limits())
                .hasToString("{namesPerRequest=3000, acksPerRequest=2, receivesPerClient=3, receivesPerGroup=4, "
                        + "requestsPerSecond=5, requestBytes=2048}");
    }

    @Test
    void aClientsWholeSetMustFitIntoOneRequest() {
        ConfigException problem = catchThrowableOfType(
                ConfigException.class,
                () -> loader.parse(
                        "{bindTopics: {t: {groups: {g: {subscriptionsPerClient: 200000}, all: {mode: wildcard}}}}}",
                        "f"));

        assertThat(problem)
                .hasMessageContaining("limits: namesPerRequest is 100000 and less than"
                        + " bindTopics.t.groups.g.subscriptionsPerClient, 200000");
        assertThat(problem.getMessage()).doesNotContain("groups.all");
    }

    @Test
    void limitsMayBeLeftOut() throws ConfigException {
        PluginConfig config = loader.parse(EXAMPLE, "lite.yaml");

        assertThat(config.limits())
                .hasToString("{namesPerRequest=100000, acksPerRequest=1024, receivesPerClient=64, "
                        + "receivesPerGroup=100000, requestsPerSecond=50000, requestBytes=8388608}");
    }

    @Test
    void firstMatchingPatternSetsWeightAndRateLimit() throws ConfigException {
        PluginConfig config = loader.parse("""
                bindTopics: { t: { groups: { g: {
                  weights: { vip-1: 10, "vip-*": 5, "*-1": 3 },
                  rateLimits: { "free-*": { messagesPerSecond: 2 } } } } } }
                """, "lite.yaml");

        LiteTopicRules rules =
                Objects.requireNonNull(bindTopic(config, "t").groups().get("g")).rules();

        assertThat(rules.of("vip-1").weight()).isEqualTo(10);
        assertThat(rules.of("vip-2").weight()).isEqualTo(5);
        assertThat(rules.of("free-1").weight()).isEqualTo(3);
        assertThat(rules.of("free-1").intervalNanos()).isEqualTo(500_000_000);
        assertThat(rules.of("other").weight()).isEqualTo(1);
        assertThat(rules.of("other").intervalNanos()).isEqualTo(LiteTopicRule.UNLIMITED);
    }

    @Test
    void groupWithoutWeightsAndRateLimitsHasNoRules() throws ConfigException {
        LiteGroupConfig group = Objects.requireNonNull(
                bindTopic(loader.parse(EXAMPLE, "f"), "inference").groups().get("workers"));

        assertThat(group.rules()).isSameAs(LiteTopicRules.NONE);
    }

    @ParameterizedTest
    @CsvSource({"1000ms,PT1S", "30s,PT30S", "30m,PT30M", "12h,PT12H", "7d,PT168H", "PT30M,PT30M", "365d,PT8760H"})
    void readsDurationsInTheUsualForms(String text, Duration expected) throws ConfigException {
        PluginConfig config = loader.parse("bindTopics: {t: {ttl: " + text + ", groups: {g: }}}", "lite.yaml");

        assertThat(bindTopic(config, "t").ttl()).hasValue(expected);
    }

    @Test
    void readsNoneAsNoTimeToLive() throws ConfigException {
        PluginConfig config = loader.parse("bindTopics: {t: {ttl: none, groups: {g: }}}", "lite.yaml");

        assertThat(bindTopic(config, "t").ttl()).isEmpty();
    }

    static Stream<Arguments> badInputs() {
        String ttlLegal =
                "write a number with a unit (500ms, 30s, 30m, 12h, 7d) or ISO-8601 (PT30M), from 1s to 365d, or none";
        return Stream.of(
                Arguments.of("", "f: is empty; declare at least one bind topic: " + EXAMPLE),
                Arguments.of("# nothing", "f: is empty; declare at least one bind topic: " + EXAMPLE),
                Arguments.of(
                        "bindTopics:",
                        "f:1:12: bindTopics: is missing or empty; declare at least one bind topic: " + EXAMPLE),
                Arguments.of(
                        "bindTopics: {}",
                        "f:1:13: bindTopics: is missing or empty; declare at least one bind topic: " + EXAMPLE),
                Arguments.of("- a", "f:1:1: top level: a list is not a mapping; write the key bindTopics: " + EXAMPLE),
                Arguments.of(
                        "bindTopics: [a]",
                        "f:1:13: bindTopics: a list is not a mapping; write at least one bind topic: " + EXAMPLE),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: }}}\nport: 1",
                        "f:2:1: port: unknown key; known here: bindTopics, cluster, journal, limits; correct or remove it"),
                Arguments.of(
                        "bindTopics:\n  t:\n    tll: 30m\n    groups: {g: }",
                        "f:3:5: bindTopics.t.tll: unknown key; known here: groups, liteTopicQuota, onExpiry,"
                                + " permissions, queues, ttl; correct or remove it"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: }}, t: {groups: {h: }}}",
                        "f:1:34: bindTopics.t: occurs twice, first in line 1; remove one"),
                Arguments.of(
                        "bindTopics: {t: {ttl: 30, groups: {g: }}}",
                        "f:1:23: bindTopics.t.ttl: '30' is not a duration; " + ttlLegal),
                Arguments.of(
                        "bindTopics: {t: {ttl: 999ms, groups: {g: }}}",
                        "f:1:23: bindTopics.t.ttl: 999ms is out of range; write a duration from 1s to 365d, or none"),
                Arguments.of(
                        "bindTopics: {t: {ttl: 366d, groups: {g: }}}",
                        "f:1:23: bindTopics.t.ttl: 366d is out of range; write a duration from 1s to 365d, or none"),
                Arguments.of(
                        "bindTopics: {t: {ttl: -PT5M, groups: {g: }}}",
                        "f:1:23: bindTopics.t.ttl: -PT5M is out of range; write a duration from 1s to 365d, or none"),
                Arguments.of(
                        "bindTopics: {t: {ttl: 99999999999999999999d, groups: {g: }}}",
                        "f:1:23: bindTopics.t.ttl: '99999999999999999999d' is not a duration; " + ttlLegal),
                Arguments.of(
                        "bindTopics: {t: {ttl: {a: 1}, groups: {g: }}}",
                        "f:1:23: bindTopics.t.ttl: a mapping is not a single value; write a number with a unit"
                                + " (500ms, 30s, 30m, 12h, 7d) or ISO-8601 (PT30M), or none"),
                Arguments.of(
                        "bindTopics: {t: {queues: 0, groups: {g: }}}",
                        "f:1:26: bindTopics.t.queues: 0 is out of range; write a whole number from 1 to 1024, or leave it"
                                + " out for 8"),
                Arguments.of(
                        "bindTopics: {t: {queues: many, groups: {g: }}}",
                        "f:1:26: bindTopics.t.queues: 'many' is not a whole number; write a whole number from 1 to 1024, or"
                                + " leave it out for 8"),
                Arguments.of(
                        "bindTopics: {t: {queues: , groups: {g: }}}",
                        "f:1:25: bindTopics.t.queues: has no value; write a whole number from 1 to 1024"),
                Arguments.of(
                        "bindTopics: {t: {liteTopicQuota: 99999999999999999999, groups: {g: }}}",
                        "f:1:34: bindTopics.t.liteTopicQuota: 99999999999999999999 is out of range; write a whole number from"
                                + " 1 to 100000000, or leave it out for 1000000"),
                Arguments.of(
                        "bindTopics: {t: {groups: {}}}",
                        "f:1:26: bindTopics.t.groups: is missing or empty; declare at least one group: groups: {workers:"
                                + " {mode: shared}}"),
                Arguments.of(
                        "bindTopics: {t: }",
                        "f:1:16: bindTopics.t.groups: is missing or empty; declare at least one group: groups: {workers:"
                                + " {mode: shared}}"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: {maxAttempts: -1}}}}",
                        "f:1:44: bindTopics.t.groups.g.maxAttempts: -1 is out of range; write a whole number from 1 to 1000,"
                                + " or leave it out for 17"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: {mode: Shared}}}}",
                        "f:1:37: bindTopics.t.groups.g.mode: 'Shared' is not a mode; use shared or exclusive or wildcard"),
                Arguments.of(
                        "bindTopics: {t: {onExpiry: drop, groups: {g: }}}",
                        "f:1:28: bindTopics.t.onExpiry: 'drop' is no policy; use one of delete, dead-letter, keep"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: {inFlightPerClient: 0}}}}",
                        "f:1:50: bindTopics.t.groups.g.inFlightPerClient: 0 is out of range; write a whole number from 1 to"
                                + " 1000000, or leave it out for 16384"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: {inFlightPerLiteTopic: 1025}}}}",
                        "f:1:53: bindTopics.t.groups.g.inFlightPerLiteTopic: 1025 is out of range; write a whole number from"
                                + " 1 to 1024, or leave it out for 1024"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: {weights: {'a*': 1001}}}}}",
                        "f:1:47: bindTopics.t.groups.g.weights.a*: 1001 is out of range; write a whole number from 1 to 1000,"
                                + " or leave it out for 1"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: {weights: {'': 2}}}}}",
                        "f:1:41: bindTopics.t.groups.g.weights.: '' is no pattern: it has 0 characters; write 1 to 255"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: {rateLimits: {a: {burst: 2}}}}}}",
                        "f:1:47: bindTopics.t.groups.g.rateLimits.a.messagesPerSecond: is missing; write a number from 0.001"
                                + " to 1000000"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: {rateLimits: {a: {messagesPerSecond: 0}}}}}}",
                        "f:1:67: bindTopics.t.groups.g.rateLimits.a.messagesPerSecond: 0 is out of range; write a number from"
                                + " 0.001 to 1000000"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: {rateLimits: {a: {messagesPerSecond: fast}}}}}}",
                        "f:1:67: bindTopics.t.groups.g.rateLimits.a.messagesPerSecond: 'fast' is not a number; write a number"
                                + " from 0.001 to 1000000"),
                Arguments.of(
                        "bindTopics: {t: {permissions: {user: a}, groups: {g: }}}",
                        "f:1:31: bindTopics.t.permissions: a mapping is not a list; write a list of " + PERMISSION
                                + ", or leave the key out"),
                Arguments.of(
                        "bindTopics: {t: {permissions: [], groups: {g: }}}",
                        "f:1:31: bindTopics.t.permissions: is empty; write a list of " + PERMISSION
                                + ", or leave the key out"),
                Arguments.of(
                        "bindTopics: {t: {permissions: [{liteTopics: a, actions: PUB}], groups: {g: }}}",
                        "f:1:32: bindTopics.t.permissions[0].user: is missing; write an access key of the proxy, or \"*\" for"
                                + " every authenticated user"),
                Arguments.of(
                        "bindTopics: {t: {permissions: [{user: a, actions: PUB}], groups: {g: }}}",
                        "f:1:32: bindTopics.t.permissions[0].liteTopics: is missing; write a pattern like \"tenant-a/*\" or a"
                                + " list of patterns"),
                Arguments.of(
                        "bindTopics: {t: {permissions: [{user: a, liteTopics: [[b]], actions: PUB}], groups: {g: }}}",
                        "f:1:55: bindTopics.t.permissions[0].liteTopics: a list is not a single value; write a pattern like"
                                + " \"tenant-a/*\" or a list of patterns"),
                Arguments.of(
                        "bindTopics: {t: {permissions: [{user: a, liteTopics: b, actions: [GET]}], groups: {g: }}}",
                        "f:1:66: bindTopics.t.permissions[0].actions: 'GET' is no action; write PUB, SUB or [PUB, SUB]"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: }}}\ncluster: {advertisedAddress: 10.0.0.5}",
                        "f:2:30: cluster.advertisedAddress: '10.0.0.5' is no address; write host:port under which clients reach"
                                + " this proxy, like 10.0.0.5:8081"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: }}}\ncluster: {advertisedAddress: \"proxy-1:70000\"}",
                        "f:2:30: cluster.advertisedAddress: 'proxy-1:70000' is no address; write host:port under which clients"
                                + " reach this proxy, like 10.0.0.5:8081"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: }}}\njournal: {flushInterval: 11s}",
                        "f:2:26: journal.flushInterval: 11s is out of range; write a duration from 0ms to 10s, or leave it"
                                + " out for 100ms"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: }}}\njournal: {flushInterval: none}",
                        "f:2:26: journal.flushInterval: 'none' is not a duration; write a number with a unit (500ms, 30s,"
                                + " 30m, 12h, 7d) or ISO-8601 (PT30M), from 0ms to 10s, or leave it out for 100ms"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: }}}\njournal: {onDamage: ignore}",
                        "f:2:21: journal.onDamage: 'ignore' is no policy; use stop or skip"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: }}}\nlimits: {requestBytes: 10}",
                        "f:2:24: limits.requestBytes: 10 is out of range; write a whole number from 1024 to 134217728, or"
                                + " leave it out for 8388608"),
                Arguments.of(
                        "bindTopics:\n  a: {groups: {g: }}\n  b: {groups: {g: }}",
                        "f:3:16: bindTopics.b.groups.g: the group is declared under bind topic a (line 2) already; a group"
                                + " consumes one bind topic: use another group name"),
                Arguments.of(
                        "bindTopics: {'a b': {groups: {g: }}}",
                        "f:1:14: bindTopics.a b: 'a b' is no topic name: the broker allows letters, digits and the characters"
                                + " % | _ - only; rename it"),
                Arguments.of(
                        "bindTopics: {TBW102: {groups: {g: }}}",
                        "f:1:14: bindTopics.TBW102: 'TBW102' is a system topic of the broker; choose another topic"),
                Arguments.of(
                        "bindTopics: {'%RETRY%g': {groups: {g: }}}",
                        "f:1:14: bindTopics.%RETRY%g: '%RETRY%g' is no topic name: names that begin with % are the broker's"
                                + " own; rename it"),
                Arguments.of(
                        "bindTopics: {" + LONG_NAME + ": {groups: {g: }}}",
                        "f:1:14: bindTopics." + LONG_NAME + ": '" + LONG_NAME
                                + "' is no topic name: it has 128 characters; write 127 at most"),
                Arguments.of(
                        "bindTopics: {t: {groups: {'': }}}",
                        "f:1:27: bindTopics.t.groups.: '' is no group name: it is blank; write 1 to 120 characters"),
                Arguments.of(
                        "bindTopics: {t: {groups: {a.b: }}}",
                        "f:1:27: bindTopics.t.groups.a.b: 'a.b' is no group name: the broker allows letters, digits and the"
                                + " characters % | _ - only; rename it"),
                Arguments.of(
                        "bindTopics:\n\tt: 1",
                        "f:2:1: is not valid YAML: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation); correct the"
                                + " file"),
                Arguments.of(
                        "bindTopics: {t: {groups: {g: ",
                        "f:1:30: is not valid YAML: expected the node content, but found '<stream end>'; correct the file"),
                Arguments.of(
                        "a: 1\n---\nb: 2", "f:2:1: is not valid YAML: but found another document; correct the file"));
    }

    @ParameterizedTest
    @MethodSource("badInputs")
    void reportsPlaceValueAndRemedy(String yaml, String message) {
        ConfigException error = catchThrowableOfType(ConfigException.class, () -> loader.parse(yaml, "f"));

        assertThat(error).isNotNull();
        assertThat(error.errors()).contains(message);
    }

    @Test
    void refusesAModeThatTheEngineDoesNotServe() {
        PluginConfigLoader sharedOnly = new PluginConfigLoader(EnumSet.of(SubscriptionMode.SHARED));

        ConfigException error = catchThrowableOfType(
                ConfigException.class,
                () -> sharedOnly.parse("bindTopics: {t: {groups: {g: {mode: exclusive}}}}", "f"));

        assertThat(error)
                .hasMessage(
                        "f:1:37: bindTopics.t.groups.g.mode: mode 'exclusive' is not supported by this version; use shared");
    }

    @Test
    void reportsAllErrorsOfAFileTogether() {
        String yaml = """
                bindTopics:
                  inference:
                    ttl: soon
                    queues: -1
                    groups:
                      workers: { mode: many, attempts: 3 }
                """;

        ConfigException error = catchThrowableOfType(ConfigException.class, () -> loader.parse(yaml, "lite.yaml"));

        assertThat(error.errors())
                .extracting(line -> line.split(": ")[1])
                .containsExactlyInAnyOrder(
                        "bindTopics.inference.ttl",
                        "bindTopics.inference.queues",
                        "bindTopics.inference.groups.workers.attempts",
                        "bindTopics.inference.groups.workers.mode");
    }

    @Test
    void refusesArbitraryTypesAndAliasBombs() {
        String bomb = "a: &a [x,x]\nb: &b [*a,*a]\nbindTopics: !!javax.script.ScriptEngineManager {}";

        ConfigException error = catchThrowableOfType(ConfigException.class, () -> loader.parse(bomb, "f"));

        assertThat(error.errors()).allMatch(line -> line.startsWith("f:"));
    }

    @Test
    void saysThatTheFileIsMissing(@TempDir Path folder) {
        Path file = folder.resolve("lite.yaml");

        ConfigException error = catchThrowableOfType(ConfigException.class, () -> loader.load(file));

        assertThat(error).hasMessage(file + ": no such file; create it, or name the right one");
    }

    @Test
    void saysThatTheFileIsNotText(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("lite.yaml"), new byte[] {'a', (byte) 0xff, (byte) 0xfe});

        ConfigException error = catchThrowableOfType(ConfigException.class, () -> loader.load(file));

        assertThat(error).hasMessage(file + ": is not UTF-8; save it as UTF-8");
    }

    @Test
    void loadsAFile(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("lite.yaml"), EXAMPLE);

        assertThat(bindTopic(loader.load(file), "inference").groups()).containsOnlyKeys("workers");
    }

    private static BindTopicConfig bindTopic(PluginConfig config, String name) {
        return Objects.requireNonNull(config.bindTopics().get(name), name);
    }
}
