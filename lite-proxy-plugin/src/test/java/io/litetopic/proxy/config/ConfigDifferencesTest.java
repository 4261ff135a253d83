package io.litetopic.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.proxy.engine.SubscriptionMode;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigDifferencesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "t: {ttl: 1h, groups: {g: }} | bindTopics.t.ttl",
                "t: {onExpiry: keep, groups: {g: }} | bindTopics.t.onExpiry",
                "t: {liteTopicQuota: 5, groups: {g: }} | bindTopics.t.liteTopicQuota",
                "t: {queues: 5, groups: {g: }} | bindTopics.t.queues",
                "t: {groups: {g: {mode: exclusive}}} | bindTopics.t.groups.g.mode",
                "t: {groups: {g: {subscriptionsPerClient: 5}}} | bindTopics.t.groups.g.subscriptionsPerClient",
                "t: {groups: {g: {subscriptionsPerGroup: 5}}} | bindTopics.t.groups.g.subscriptionsPerGroup",
                "t: {groups: {g: {maxAttempts: 5}}} | bindTopics.t.groups.g.maxAttempts",
                "t: {groups: {g: {inFlightPerClient: 5}}} | bindTopics.t.groups.g.inFlightPerClient",
                "t: {groups: {g: {inFlightPerLiteTopic: 5}}} | bindTopics.t.groups.g.inFlightPerLiteTopic",
                "t: {groups: {g: {weights: {a: 5}}}} | bindTopics.t.groups.g.weights",
                "t: {groups: {g: {rateLimits: {a: {messagesPerSecond: 5}}}}} | bindTopics.t.groups.g.rateLimits",
                "t: {groups: {g: , h: }} | bindTopics.t.groups.h",
                "t: {groups: {g: }}, u: {groups: {h: }} | bindTopics.u"
            })
    void namesTheKeyThatDiffers(String topics, String key) throws ConfigException {
        PluginConfig one = parse("bindTopics: {t: {groups: {g: }}}");

        assertThat(ConfigDifferences.between(one, parse("bindTopics: {" + topics + "}")))
                .containsExactly(key);
    }

    @ParameterizedTest
    @CsvSource({
        "namesPerRequest",
        "acksPerRequest",
        "receivesPerClient",
        "receivesPerGroup",
        "requestsPerSecond",
        "requestBytes"
    })
    void namesTheLimitThatDiffers(String key) throws ConfigException {
        PluginConfig one = parse("bindTopics: {t: {groups: {g: }}}");
        PluginConfig other = parse("bindTopics: {t: {groups: {g: }}}\nlimits: {" + key + ": 2000}");

        assertThat(ConfigDifferences.between(one, other)).containsExactly("limits." + key);
    }

    @Test
    void permissionsAndValuesThatAreTheDefaultMakeNoDifference() throws ConfigException {
        PluginConfig one = parse("bindTopics: {t: {groups: {g: }}}");
        PluginConfig other = parse("bindTopics: {t: {ttl: none, permissions: [{user: a, liteTopics: b, actions: PUB}],"
                + " groups: {g: {mode: shared}}}}");

        assertThat(ConfigDifferences.between(one, other)).isEmpty();
    }

    private static PluginConfig parse(String yaml) throws ConfigException {
        return new PluginConfigLoader(EnumSet.allOf(SubscriptionMode.class)).parse(yaml, "f");
    }
}
