package io.litetopic.proxy.access;

import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.config.Permission.Action;
import io.litetopic.proxy.config.PluginConfig;
import io.litetopic.proxy.engine.LiteTopicFilter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Decides on each lite request: whether its client id belongs to its user, whether the user may use the lite topics that it names,
 * and whether the client asks for too much. Users are those that the proxy has authenticated; where it authenticates nobody the
 * user is empty, client ids belong to nobody, and a bind topic with permissions is closed.
 *
 * <p>Thread-safe; never blocks. What it refuses is an {@link AccessException} and has changed nothing.
 */
public final class AccessControl {
    private static final long EVICTION_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final boolean usersAreKnown;
    private final Map<String, AccessRules> rules;
    private final ClientOwners owners = new ClientOwners();
    private final ClientLimits limits;
    private final AtomicLong nextEvictionNanos;

    /** @param usersAreKnown whether the proxy authenticates its clients */
    public AccessControl(PluginConfig config, boolean usersAreKnown) {
        this.usersAreKnown = usersAreKnown;
        this.limits = new ClientLimits(config.limits());
        this.nextEvictionNanos = new AtomicLong(System.nanoTime() + EVICTION_NANOS);
        Map<String, AccessRules> byTopic = new LinkedHashMap<>();
        for (BindTopicConfig topic : config.bindTopics().values()) {
            byTopic.put(topic.name(), new AccessRules(topic.name(), usersAreKnown, topic.permissions()));
        }
        this.rules = Collections.unmodifiableMap(byTopic);
    }

    /** The rules of a bind topic; null if the topic is an ordinary one. The same object for as long as the proxy runs. */
    public @Nullable AccessRules rulesOf(String bindTopic) {
        return rules.get(bindTopic);
    }

    /** What a change of the permissions did; names of bind topics in each list. */
    static final class Change {
        private final List<String> topics = new ArrayList<>();
        private final List<String> opened = new ArrayList<>();
        private final List<String> restricted = new ArrayList<>();

        List<String> topics() {
            return topics;
        }

        /** Those that had rules and have none now. */
        List<String> opened() {
            return opened;
        }

        /** Those that had no rules and have some now. */
        List<String> restricted() {
            return restricted;
        }
    }

    /** Bind topics that the proxy did not start with are left out, and those that the file has no more keep their rules. */
    Change replacePermissions(PluginConfig config) {
        Change change = new Change();
        for (BindTopicConfig topic : config.bindTopics().values()) {
            AccessRules ofTopic = rules.get(topic.name());
            boolean wasRestricted = ofTopic != null && ofTopic.isRestricted();
            if (ofTopic == null || !ofTopic.replace(topic.permissions())) {
                continue;
            }
            change.topics.add(topic.name());
            if (topic.permissions().isEmpty()) {
                change.opened.add(topic.name());
            } else if (!wasRestricted) {
                change.restricted.add(topic.name());
            }
        }
        return change;
    }

    /** Those that have permissions while the proxy knows no users. */
    List<String> topicsClosedToAll() {
        List<String> closed = new ArrayList<>();
        rules.forEach((topic, ofTopic) -> {
            if (ofTopic.isClosedToAll()) {
                closed.add(topic);
            }
        });
        return closed;
    }

    // ---- clients ----

    /** @throws AccessException if the request is larger than any may be */
    public void checkBytes(int bytes) {
        limits.checkBytes(bytes);
    }

    /**
     * A request of a client comes in; call it once for each, when its user is authenticated.
     *
     * @throws AccessException if the client id is another user's, or the client sends too many requests
     */
    public void enter(String clientId, String user) {
        long now = System.nanoTime();
        evictIdle(now);
        // Requests of types that the proxy is told not to authenticate have no user; they neither take nor lose an id.
        if (usersAreKnown && !user.isEmpty()) {
            owners.claim(clientId, user, now);
        }
        limits.countRequest(clientId, now);
    }

    /** The client's stream is open; its id stays its own until {@link #streamEnded}. */
    public void streamStarted(String clientId, String user) {
        owners.streamStarted(clientId, user);
    }

    public void streamEnded(String clientId, String user) {
        owners.streamEnded(clientId, user, System.nanoTime());
    }

    /** The client said that it ends: its id is free. */
    public void clientEnded(String clientId, String user) {
        owners.release(clientId, user);
    }

    /** The user behind the client id; empty if nobody uses it, or the proxy authenticates nobody. */
    public String userOf(String clientId) {
        String user = owners.userOf(clientId);
        return user == null ? "" : user;
    }

    /**
     * A receive call starts to wait.
     *
     * @return run it when the call is over, however that happens; only the first run counts
     * @throws AccessException if too many of the client or of the group wait
     */
    public Runnable receiveStarts(String clientId, String group) {
        return limits.receiveStarts(clientId, group);
    }

    // ---- requests ----

    /** @throws AccessException if there are too many */
    public void checkNames(int names) {
        limits.checkNames(names);
    }

    /** @throws AccessException if there are too many */
    public void checkAcks(int entries) {
        limits.checkAcks(entries);
    }

    /** @throws AccessException if the topic has permissions, but the proxy authenticates nobody */
    public void checkOpen(String topic) {
        AccessRules ofTopic = rules.get(topic);
        if (ofTopic != null && ofTopic.isClosedToAll()) {
            throw new AccessException(
                    AccessException.Reason.FORBIDDEN,
                    "bind topic '" + topic + "' is closed: it has permissions, but this proxy does not know its users;"
                            + " set authenticationEnabled in the proxy's configuration (rmq-proxy.json), or remove"
                            + " bindTopics." + topic + ".permissions from the plugin's");
        }
    }

    /** @throws AccessException if the user may not do that with one of the lite topics; it names the first */
    public void check(String bindTopic, String user, Action action, Collection<String> liteTopics) {
        AccessRules ofTopic = rules.get(bindTopic);
        if (ofTopic != null) {
            ofTopic.check(user, action, liteTopics);
        }
    }

    /** Those of the lite topics with which the user may not do that, in their order. */
    public List<String> refused(String bindTopic, String user, Action action, Collection<String> liteTopics) {
        AccessRules ofTopic = rules.get(bindTopic);
        List<String> refused = new ArrayList<>();
        if (ofTopic != null) {
            for (String liteTopic : liteTopics) {
                if (!ofTopic.allows(user, action, liteTopic)) {
                    refused.add(liteTopic);
                }
            }
        }
        return refused;
    }

    /**
     * The topic is used past its lite topics, as the ordinary topic that it is too.
     *
     * @throws AccessException if it has permissions, and none gives the user that action on every lite topic
     */
    public void checkOrdinaryUse(String topic, String user, Action action) {
        AccessRules ofTopic = rules.get(topic);
        if (ofTopic != null && !ofTopic.allowsAll(user, action)) {
            throw new AccessException(
                    AccessException.Reason.FORBIDDEN,
                    "no permission to use the bind topic as an ordinary one [user=" + user + ", bindTopic=" + topic
                            + ", action=" + action + "]; use its lite topics, or ask the operator for an entry with"
                            + " liteTopics \"*\" under bindTopics." + topic + ".permissions in the plugin's"
                            + " configuration");
        }
    }

    /** Which lite topics of the bind topic the client may receive from, by its user; see {@link AccessRules#filterFor}. */
    public LiteTopicFilter filterFor(String bindTopic, String clientId) {
        AccessRules ofTopic = rules.get(bindTopic);
        return ofTopic == null ? LiteTopicFilter.ALL : ofTopic.filterFor(userOf(clientId));
    }

    private void evictIdle(long now) {
        long due = nextEvictionNanos.get();
        if (now - due >= 0 && nextEvictionNanos.compareAndSet(due, now + EVICTION_NANOS)) {
            limits.evictIdle(now);
            owners.evictIdle(now);
        }
    }
}
