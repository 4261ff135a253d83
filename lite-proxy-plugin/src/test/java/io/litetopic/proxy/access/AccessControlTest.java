package io.litetopic.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.proxy.config.ConfigException;
import io.litetopic.proxy.config.Permission.Action;
import io.litetopic.proxy.config.PluginConfig;
import io.litetopic.proxy.config.PluginConfigLoader;
import io.litetopic.proxy.engine.LiteTopicFilter;
import io.litetopic.proxy.engine.SubscriptionMode;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccessControlTest {
    private static final String CONFIG =
            "bindTopics: {chat: {permissions: [{user: a, liteTopics: x, actions: [PUB, SUB]}], groups: {g: }},"
                    + " open: {groups: {h: }}}";

    @Test
    void permissionsWithoutAuthenticationCloseTheTopic() throws ConfigException {
        AccessControl access = access(CONFIG, false);

        assertThatThrownBy(() -> access.checkOpen("chat"))
                .hasMessage(
                        "bind topic 'chat' is closed: it has permissions, but this proxy does not know its users; set"
                                + " authenticationEnabled in the proxy's configuration (rmq-proxy.json), or remove"
                                + " bindTopics.chat.permissions from the plugin's");
        assertThatThrownBy(() -> access.check("chat", "", Action.PUB, List.of("x")))
                .isInstanceOf(AccessException.class);
        assertThat(access.filterFor("chat", "client").accepts("x")).isFalse();
        assertThat(access.topicsClosedToAll()).containsExactly("chat");
        assertThatCode(() -> access.checkOpen("open")).doesNotThrowAnyException();
        assertThatCode(() -> access.checkOpen("ordinary")).doesNotThrowAnyException();
    }

    @Test
    void filterOfAClientIsThatOfItsUser() throws ConfigException {
        AccessControl access = access(CONFIG, true);
        access.enter("client-a", "a");
        access.enter("client-b", "b");

        assertThat(access.filterFor("chat", "client-a").accepts("x")).isTrue();
        assertThat(access.filterFor("chat", "client-a").accepts("y")).isFalse();
        assertThat(access.filterFor("chat", "client-b").accepts("x")).isFalse();
        assertThat(access.filterFor("chat", "never-seen").accepts("x")).isFalse();
        assertThat(access.filterFor("open", "client-b")).isSameAs(LiteTopicFilter.ALL);
    }

    @Test
    void withoutAuthenticationClientIdsBelongToNobody() throws ConfigException {
        AccessControl access = access("bindTopics: {open: {groups: {h: }}}", false);

        access.enter("client", "");
        access.enter("client", "");

        assertThat(access.userOf("client")).isEmpty();
    }

    @Test
    void requestsThatAreNotAuthenticatedTakeNoClientId() throws ConfigException {
        AccessControl access = access(CONFIG, true);

        access.enter("client", "");
        access.enter("client", "a");
        access.enter("client", "");

        assertThat(access.userOf("client")).isEqualTo("a");
    }

    @Test
    void replacedPermissionsTellWhatOpenedAndWhatClosed() throws ConfigException {
        AccessControl access = access(CONFIG, true);

        AccessControl.Change change = access.replacePermissions(load(
                "bindTopics: {chat: {groups: {g: }}, new: {permissions: [{user: a, liteTopics: x, actions: PUB}], groups: {n: }},"
                        + " open: {permissions: [{user: a, liteTopics: x, actions: PUB}], groups: {h: }}}"));

        assertThat(change.topics()).containsExactly("chat", "open");
        assertThat(change.opened()).containsExactly("chat");
        assertThat(change.restricted()).containsExactly("open");
        assertThat(access.replacePermissions(load("bindTopics: {chat: {groups: {g: }}}"))
                        .topics())
                .isEmpty();
    }

    private static AccessControl access(String yaml, boolean usersAreKnown) throws ConfigException {
        return new AccessControl(load(yaml), usersAreKnown);
    }

    private static PluginConfig load(String yaml) throws ConfigException {
        return new PluginConfigLoader(EnumSet.allOf(SubscriptionMode.class)).parse(yaml, "lite.yaml");
    }
}
