package io.litetopic.proxy.access;

import io.litetopic.proxy.config.NamePattern;
import io.litetopic.proxy.config.NamePatternTable;
import io.litetopic.proxy.config.Permission;
import io.litetopic.proxy.config.Permission.Action;
import io.litetopic.proxy.engine.LiteTopicFilter;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The permissions of one bind topic as they are now. Without any, the topic is open to all users; with at least one it is closed
 * to everybody whom none permits. A look-up costs no more with thousands of users and patterns than with one, as long as the
 * patterns are plain names or prefixes.
 *
 * <p>Thread-safe. New rules take the place of the old ones as a whole.
 */
public final class AccessRules {
    private final String bindTopic;
    private final boolean usersAreKnown;
    private final Map<String, LiteTopicFilter> filters = new ConcurrentHashMap<>();
    private volatile Map<String, Map<Action, NamePatternTable<Boolean>>> byUser;
    /** What {@link #byUser} was made from; only the thread that replaces the rules uses it. */
    private String source;

    /** @param usersAreKnown whether the proxy authenticates its clients; if not, any rule closes the topic to all */
    AccessRules(String bindTopic, boolean usersAreKnown, List<Permission> permissions) {
        this.bindTopic = bindTopic;
        this.usersAreKnown = usersAreKnown;
        this.byUser = index(permissions);
        this.source = permissions.toString();
    }

    /** @return whether they differ from those before */
    boolean replace(List<Permission> permissions) {
        String text = permissions.toString();
        if (text.equals(source)) {
            return false;
        }
        byUser = index(permissions);
        source = text;
        return true;
    }

    /** Whether there is any rule. */
    public boolean isRestricted() {
        return !byUser.isEmpty();
    }

    /** Whether there are rules, but no users to whom they could apply. */
    boolean isClosedToAll() {
        return isRestricted() && !usersAreKnown;
    }

    /** @param user the authenticated one, empty if the proxy authenticates nobody */
    public boolean allows(String user, Action action, String liteTopic) {
        Map<String, Map<Action, NamePatternTable<Boolean>>> current = byUser;
        if (current.isEmpty()) {
            return true;
        }
        return !user.isEmpty()
                && (allows(current, user, action, liteTopic)
                        || allows(current, Permission.EVERY_USER, action, liteTopic));
    }

    private static boolean allows(
            Map<String, Map<Action, NamePatternTable<Boolean>>> rules, String user, Action action, String liteTopic) {
        Map<Action, NamePatternTable<Boolean>> ofUser = rules.get(user);
        NamePatternTable<Boolean> patterns = ofUser == null ? null : ofUser.get(action);
        return patterns != null && patterns.valueFor(liteTopic) != null;
    }

    /**
     * Whether the user may do that with every lite topic, and so with the bind topic as an ordinary topic: a pattern of nothing but
     * {@code *}, or no rule at all.
     */
    boolean allowsAll(String user, Action action) {
        // The empty name is no lite topic; only a pattern that asks for nothing matches it.
        return allows(user, action, "");
    }

    /**
     * Which lite topics the user may receive from, now and after later changes of the rules. The same object for each call with
     * the same user, except that it is {@link LiteTopicFilter#ALL} while there is no rule: ask again with each request.
     *
     * @param user the authenticated one, empty if the proxy authenticates nobody
     */
    public LiteTopicFilter filterFor(String user) {
        if (!isRestricted()) {
            return LiteTopicFilter.ALL;
        }
        return filters.computeIfAbsent(user, name -> liteTopic -> allows(name, Action.SUB, liteTopic));
    }

    /** @throws AccessException if the user may not do that with one of the lite topics; it names the first */
    public void check(String user, Action action, Collection<String> liteTopics) {
        for (String liteTopic : liteTopics) {
            if (!allows(user, action, liteTopic)) {
                throw new AccessException(
                        AccessException.Reason.FORBIDDEN,
                        "no permission [user=" + user + ", bindTopic=" + bindTopic + ", liteTopic=" + liteTopic
                                + ", action=" + action + "]; ask the operator for an entry under bindTopics."
                                + bindTopic + ".permissions in the plugin's configuration");
            }
        }
    }

    private static Map<String, Map<Action, NamePatternTable<Boolean>>> index(List<Permission> permissions) {
        Map<String, Map<Action, Map<NamePattern, Boolean>>> patterns = new HashMap<>();
        for (Permission permission : permissions) {
            for (Action action : permission.actions()) {
                Map<NamePattern, Boolean> ofAction = patterns.computeIfAbsent(
                                permission.user(), user -> new EnumMap<>(Action.class))
                        .computeIfAbsent(action, key -> new LinkedHashMap<>());
                permission.liteTopics().forEach(pattern -> ofAction.put(pattern, Boolean.TRUE));
            }
        }
        Map<String, Map<Action, NamePatternTable<Boolean>>> result = new HashMap<>();
        patterns.forEach((user, ofUser) -> {
            Map<Action, NamePatternTable<Boolean>> tables = new EnumMap<>(Action.class);
            ofUser.forEach((action, ofAction) -> tables.put(action, new NamePatternTable<>(ofAction)));
            result.put(user, tables);
        });
        return Collections.unmodifiableMap(result);
    }
}
