package io.litetopic.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.proxy.config.NamePattern;
import io.litetopic.proxy.config.Permission;
import io.litetopic.proxy.config.Permission.Action;
import io.litetopic.proxy.engine.LiteTopicFilter;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AccessRulesTest {
    @Test
    void withoutRulesTheTopicIsOpenToEverybody() {
        AccessRules rules = rules();

        assertThat(rules.allows("a", Action.PUB, "x")).isTrue();
        assertThat(rules.allows("", Action.SUB, "x")).isTrue();
        assertThat(rules.filterFor("a")).isSameAs(LiteTopicFilter.ALL);
    }

    @Test
    void withOneRuleTheTopicIsClosedToAllOthers() {
        AccessRules rules = rules(permission("a", EnumSet.of(Action.PUB), "a/*", "shared"));

        assertThat(rules.allows("a", Action.PUB, "a/1")).isTrue();
        assertThat(rules.allows("a", Action.PUB, "shared")).isTrue();
        assertThat(rules.allows("a", Action.SUB, "a/1")).isFalse();
        assertThat(rules.allows("a", Action.PUB, "b/1")).isFalse();
        assertThat(rules.allows("b", Action.PUB, "a/1")).isFalse();
        assertThat(rules.allows("", Action.PUB, "a/1")).isFalse();
    }

    @Test
    void rulesOfAUserAddUpWithThoseOfEverybody() {
        AccessRules rules = rules(
                permission("a", EnumSet.of(Action.PUB), "a/*"),
                permission("a", EnumSet.of(Action.SUB), "b/*"),
                permission("*", EnumSet.of(Action.SUB), "news"));

        assertThat(rules.allows("a", Action.PUB, "a/1")).isTrue();
        assertThat(rules.allows("a", Action.SUB, "b/1")).isTrue();
        assertThat(rules.allows("a", Action.SUB, "news")).isTrue();
        assertThat(rules.allows("z", Action.SUB, "news")).isTrue();
        assertThat(rules.allows("", Action.SUB, "news")).isFalse();
    }

    @Test
    void userNamedLikeAPatternIsNoPattern() {
        AccessRules rules = rules(permission("a*", EnumSet.allOf(Action.class), "*"));

        assertThat(rules.allows("ab", Action.PUB, "x")).isFalse();
        assertThat(rules.allows("a*", Action.PUB, "x")).isTrue();
    }

    @Test
    void filterFollowsTheRules() {
        AccessRules rules = rules(permission("a", EnumSet.of(Action.SUB), "x"));
        LiteTopicFilter filter = rules.filterFor("a");
        assertThat(filter.accepts("x")).isTrue();

        rules.replace(List.of(permission("a", EnumSet.of(Action.SUB), "y")));

        assertThat(filter.accepts("x")).isFalse();
        assertThat(filter.accepts("y")).isTrue();
        assertThat(rules.filterFor("a")).isSameAs(filter);
        assertThat(rules.filterFor("b").accepts("y")).isFalse();
    }

    @Test
    void refusalNamesUserLiteTopicActionAndKey() {
        AccessRules rules = rules(permission("a", EnumSet.of(Action.SUB), "x"));

        assertThatThrownBy(() -> rules.check("b", Action.SUB, List.of("x", "y")))
                .isInstanceOf(AccessException.class)
                .hasMessage(
                        "no permission [user=b, bindTopic=chat, liteTopic=x, action=SUB]; ask the operator for an entry"
                                + " under bindTopics.chat.permissions in the plugin's configuration");
    }

    @Test
    void onlyAPatternForEverythingAllowsEverything() {
        AccessRules rules = rules(
                permission("some", EnumSet.of(Action.SUB), "a*", "*b", "x"),
                permission("all", EnumSet.of(Action.SUB), "x", "*"));

        assertThat(rules.allowsAll("some", Action.SUB)).isFalse();
        assertThat(rules.allowsAll("all", Action.SUB)).isTrue();
        assertThat(rules.allowsAll("all", Action.PUB)).isFalse();
        assertThat(rules().allowsAll("anybody", Action.PUB)).isTrue();
    }

    private static AccessRules rules(Permission... permissions) {
        return new AccessRules("chat", true, List.of(permissions));
    }

    private static Permission permission(String user, Set<Action> actions, String... patterns) {
        return new Permission(user, Stream.of(patterns).map(NamePattern::of).toList(), actions);
    }
}
