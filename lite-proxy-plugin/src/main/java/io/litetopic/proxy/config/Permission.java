package io.litetopic.proxy.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What one user may do with some lite topics of a bind topic. Immutable. */
public final class Permission {
    /** Stands for every user that the proxy has authenticated. */
    public static final String EVERY_USER = "*";

    /** Named as in the proxy's own access control. */
    public enum Action {
        /** Send to a lite topic. */
        PUB,
        /** Subscribe to a lite topic and receive from it. */
        SUB
    }

    private final String user;
    private final List<NamePattern> liteTopics;
    private final Set<Action> actions;

    /** @param user an access key of the proxy, or {@link #EVERY_USER} */
    public Permission(String user, List<NamePattern> liteTopics, Set<Action> actions) {
        this.user = user;
        this.liteTopics = Collections.unmodifiableList(new ArrayList<>(liteTopics));
        this.actions = Collections.unmodifiableSet(EnumSet.copyOf(actions));
    }

    /** An access key of the proxy, or {@link #EVERY_USER}. */
    public String user() {
        return user;
    }

    /** At least one. */
    public List<NamePattern> liteTopics() {
        return liteTopics;
    }

    /** At least one. */
    public Set<Action> actions() {
        return actions;
    }

    @Override
    public String toString() {
        return "{user=" + user + ", liteTopics=" + liteTopics + ", actions=" + actions + '}';
    }
}
