package io.litetopic.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.litetopic.proxy.config.ConfigException;
import io.litetopic.proxy.config.Permission.Action;
import io.litetopic.proxy.config.PluginConfig;
import io.litetopic.proxy.config.PluginConfigLoader;
import io.litetopic.proxy.engine.SubscriptionMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumSet;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PermissionReloadTest {
    private static final String OPEN = "bindTopics: {chat: {groups: {g: }}}";

    private final PluginConfigLoader loader = new PluginConfigLoader(EnumSet.allOf(SubscriptionMode.class));
    private final AtomicInteger changes = new AtomicInteger();

    @TempDir
    Path folder = Path.of("");

    @Test
    void takesAFileThatIsWrittenInPlace() throws Exception {
        Path file = Files.writeString(folder.resolve("lite.yaml"), only("a"));
        Fixture fixture = new Fixture(file);

        Files.writeString(file, only("other"));
        fixture.look(2);

        assertThat(fixture.allows("a")).isFalse();
        assertThat(fixture.allows("other")).isTrue();
        assertThat(changes).hasValue(1);
    }

    @Test
    void takesAFileThatIsReplacedByARename() throws Exception {
        Path file = Files.writeString(folder.resolve("lite.yaml"), only("a"));
        Fixture fixture = new Fixture(file);

        Path next = Files.writeString(folder.resolve("next.yaml"), only("b"));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        fixture.look(2);

        assertThat(fixture.allows("b")).isTrue();
    }

    @Test
    void takesAFileBehindSymbolicLinksAsConfigMapsHaveThem() throws Exception {
        Path old = Files.createDirectory(folder.resolve("..2026_01"));
        Path current = Files.createDirectory(folder.resolve("..2026_02"));
        Files.writeString(old.resolve("lite.yaml"), only("a"));
        Files.writeString(current.resolve("lite.yaml"), only("b"));
        Path data = Files.createSymbolicLink(folder.resolve("..data"), old.getFileName());
        Path file = Files.createSymbolicLink(folder.resolve("lite.yaml"), Path.of("..data", "lite.yaml"));
        Fixture fixture = new Fixture(file);
        fixture.look(3);
        assertThat(fixture.allows("a")).isTrue();

        Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), current.getFileName());
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
        fixture.look(2);

        assertThat(fixture.allows("a")).isFalse();
        assertThat(fixture.allows("b")).isTrue();
    }

    @Test
    void takesNoFileThatIsStillBeingWritten() throws Exception {
        Path file = Files.writeString(folder.resolve("lite.yaml"), only("a"));
        Fixture fixture = new Fixture(file);

        Files.writeString(file, OPEN); // valid as far as it goes, and open to everybody
        fixture.look(1);
        Files.writeString(file, only("bb"));
        fixture.look(1);

        assertThat(fixture.allows("stranger")).isFalse();
        assertThat(fixture.allows("a")).isTrue();
        fixture.look(1);
        assertThat(fixture.allows("bb")).isTrue();
        assertThat(fixture.allows("stranger")).isFalse();
    }

    @Test
    void fileWithAnErrorChangesNothing() throws Exception {
        Path file = Files.writeString(folder.resolve("lite.yaml"), only("a"));
        Fixture fixture = new Fixture(file);

        Files.writeString(file, only("b") + "\ntypo: 1");
        fixture.look(3);
        assertThat(fixture.allows("a")).isTrue();
        assertThat(fixture.allows("b")).isFalse();

        Files.delete(file);
        fixture.look(3);
        assertThat(fixture.allows("a")).isTrue();

        Files.writeString(file, only("b"));
        fixture.look(2);
        assertThat(fixture.allows("b")).isTrue();
        assertThat(changes).hasValue(1);
    }

    @Test
    void changeOfOtherKeysIsNoChangeOfPermissions() throws Exception {
        Path file = Files.writeString(folder.resolve("lite.yaml"), only("a"));
        Fixture fixture = new Fixture(file);

        Files.writeString(file, only("a") + "\nlimits: {requestsPerSecond: 1}");
        fixture.look(3);

        assertThat(changes).hasValue(0);
    }

    @Test
    void topicThatWasOpenIsCheckedAgainWhenAllClientsHaveAsked() throws Exception {
        Path file = Files.writeString(folder.resolve("lite.yaml"), OPEN);
        Fixture fixture = new Fixture(file);

        Files.writeString(file, only("a"));
        fixture.look(2);
        assertThat(changes).hasValue(1);

        fixture.reload.look(TimeUnit.SECONDS.toNanos(69));
        assertThat(changes).hasValue(1);
        fixture.reload.look(TimeUnit.SECONDS.toNanos(70));
        fixture.reload.look(TimeUnit.SECONDS.toNanos(200));
        assertThat(changes).hasValue(2);
    }

    @Test
    void looksByItselfOnceStarted() throws Exception {
        Path file = Files.writeString(folder.resolve("lite.yaml"), only("a"));
        Fixture fixture = new Fixture(file);

        try (PermissionReload started = fixture.reload) {
            started.start();
            Files.writeString(file, only("b"));

            await().until(() -> fixture.allows("b"));
        }
    }

    private static String only(String user) {
        return "bindTopics: {chat: {permissions: [{user: " + user
                + ", liteTopics: x, actions: [PUB, SUB]}], groups: {g: }}}";
    }

    private final class Fixture {
        private final AccessControl access;
        private final PermissionReload reload;

        Fixture(Path file) throws ConfigException, IOException {
            PluginConfig config = loader.load(file);
            access = new AccessControl(config, true);
            reload = new PermissionReload(file, loader, config, access, changes::incrementAndGet);
        }

        void look(int times) {
            for (int i = 0; i < times; i++) {
                reload.look(0);
            }
        }

        boolean allows(String user) {
            return Objects.requireNonNull(access.rulesOf("chat")).allows(user, Action.PUB, "x");
        }
    }
}
