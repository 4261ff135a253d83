package io.litetopic.proxy.access;

import io.litetopic.proxy.config.ConfigDifferences;
import io.litetopic.proxy.config.ConfigException;
import io.litetopic.proxy.config.PluginConfig;
import io.litetopic.proxy.config.PluginConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Takes changed permissions from the configuration file while the proxy runs. It looks at the file every second, whichever way it
 * is changed: written in place, replaced by a rename, or reached by a symbolic link that now leads elsewhere. A file counts when
 * two looks in a row find the same one, since one that is half written may well be valid and lack the rules at its end. A file
 * with an error changes nothing.
 *
 * <p>Owns one thread between {@link #start()} and {@link #close()}.
 */
public final class PermissionReload implements AutoCloseable {
    /** When every client has asked again since: longer than the longest long poll. */
    private static final long ALL_ASKED_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(70);

    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final Path file;
    private final PluginConfigLoader loader;
    private final PluginConfig running;
    private final AccessControl access;
    private final Runnable onPermissionsChanged;

    // guarded by this
    private @Nullable ScheduledExecutorService executor;
    private @Nullable ScheduledFuture<?> looks;

    // the timer's thread
    private String applied = "";
    private String lastSeen = "";
    private long recheckAtNanos;
    private boolean mustRecheck;

    /**
     * @param running what the proxy started with, from the same file
     * @param onPermissionsChanged called when rules have changed: who may not receive a lite topic any more shall lose it
     */
    public PermissionReload(
            Path file,
            PluginConfigLoader loader,
            PluginConfig running,
            AccessControl access,
            Runnable onPermissionsChanged) {
        this.file = file;
        this.loader = loader;
        this.running = running;
        this.access = access;
        this.onPermissionsChanged = onPermissionsChanged;
    }

    /** At most once. */
    public synchronized void start() {
        reportClosedTopics();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "lite-permissions");
            thread.setDaemon(true);
            return thread;
        });
        looks = timer.scheduleWithFixedDelay(this::lookSafely, 1, 1, TimeUnit.SECONDS);
        executor = timer;
    }

    private void lookSafely() {
        try {
            look(System.nanoTime());
        } catch (RuntimeException e) { // the next look must come
            log.error("cannot look at the configuration file={}; its permissions stay as they are", file, e);
        }
    }

    /** One look at the file. */
    void look(long nowNanos) {
        if (mustRecheck && nowNanos - recheckAtNanos >= 0) {
            mustRecheck = false;
            onPermissionsChanged.run();
        }
        String seen = stateOfFile();
        boolean isStable = seen.equals(lastSeen);
        lastSeen = seen;
        if (!isStable || seen.equals(applied)) {
            return;
        }
        try {
            PluginConfig config = loader.load(file);
            if (!stateOfFile().equals(seen)) {
                return; // changed while it was read: the next looks decide
            }
            applied = seen;
            apply(config, nowNanos);
        } catch (ConfigException e) {
            applied = seen;
            log.error(
                    "litetopic: the changed configuration is refused as a whole, all permissions stay as they are:\n{}",
                    e.getMessage());
        }
    }

    private void apply(PluginConfig config, long nowNanos) {
        AccessControl.Change change = access.replacePermissions(config);
        if (!change.topics().isEmpty()) {
            log.info("litetopic: permissions have changed bindTopics={}", change.topics());
            if (!change.opened().isEmpty()) {
                log.warn(
                        "litetopic: bind topics without permissions are open to all users bindTopics={}",
                        change.opened());
            }
            onPermissionsChanged.run();
            if (!change.restricted().isEmpty()) {
                // Clients were not tied to rules while there were none; they are with their next request.
                mustRecheck = true;
                recheckAtNanos = nowNanos + ALL_ASKED_AGAIN_NANOS;
            }
            reportClosedTopics();
        }
        List<String> others = ConfigDifferences.between(running, config);
        if (!others.isEmpty()) {
            log.warn("litetopic: changed keys need a restart of the proxy, only permissions do not keys={}", others);
        }
    }

    private void reportClosedTopics() {
        for (String topic : access.topicsClosedToAll()) {
            String line =
                    "litetopic: bind topic '" + topic + "' is NOT SERVED: it has permissions, but this proxy does not"
                            + " authenticate its clients; set authenticationEnabled in rmq-proxy.json and restart the proxy, or"
                            + " remove bindTopics." + topic + ".permissions";
            log.error(line);
            System.err.println(line);
        }
    }

    /** Different whenever the content may be. */
    private String stateOfFile() {
        try {
            Path real = file.toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
            return real + "|" + attributes.fileKey() + '|' + attributes.lastModifiedTime() + '|' + attributes.size();
        } catch (IOException e) { // reported when it is read
            return "unreadable: " + e;
        }
    }

    @Override
    public synchronized void close() {
        if (looks != null) {
            looks.cancel(true);
        }
        if (executor != null) {
            executor.shutdownNow();
        }
    }
}
