package io.litetopic.proxy.config;

import io.litetopic.proxy.config.Permission.Action;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the permissions of one bind topic. */
final class PermissionReader {
    private static final String EXAMPLE = "{user: tenant-a, liteTopics: \"tenant-a/*\", actions: [PUB, SUB]}";
    private static final String USER_LEGAL = "an access key of the proxy, or \"*\" for every authenticated user";
    private static final String LITE_TOPICS_LEGAL = "a pattern like \"tenant-a/*\" or a list of patterns";
    private static final String ACTIONS_LEGAL = "PUB, SUB or [PUB, SUB]";

    private PermissionReader() {}

    /** In the order of the file; entries with an error are reported and left out. */
    static List<Permission> read(YamlSection topic) {
        List<Permission> result = new ArrayList<>();
        for (YamlSection entry : topic.sections("permissions", EXAMPLE)) {
            entry.allowOnly("user", "liteTopics", "actions");
            String user = user(entry);
            List<NamePattern> liteTopics = liteTopics(entry);
            Set<Action> actions = actions(entry);
            if (user != null && !liteTopics.isEmpty() && !actions.isEmpty()) {
                result.add(new Permission(user, liteTopics, actions));
            }
        }
        return result;
    }

    private static @Nullable String user(YamlSection entry) {
        if (!entry.has("user")) {
            entry.reject("user", "is missing; write " + USER_LEGAL);
            return null;
        }
        String user = entry.word("user", USER_LEGAL);
        if (user != null && user.trim().isEmpty()) {
            entry.reject("user", "'" + user + "' is blank; write " + USER_LEGAL);
            return null;
        }
        return user;
    }

    private static List<NamePattern> liteTopics(YamlSection entry) {
        List<NamePattern> patterns = new ArrayList<>();
        for (String text : entry.requiredWords("liteTopics", LITE_TOPICS_LEGAL)) {
            try {
                patterns.add(NamePattern.of(text));
            } catch (IllegalArgumentException e) {
                entry.reject("liteTopics", String.valueOf(e.getMessage()));
            }
        }
        return patterns;
    }

    private static Set<Action> actions(YamlSection entry) {
        Set<Action> actions = EnumSet.noneOf(Action.class);
        for (String word : entry.requiredWords("actions", ACTIONS_LEGAL)) {
            if (word.equals(Action.PUB.name())) {
                actions.add(Action.PUB);
            } else if (word.equals(Action.SUB.name())) {
                actions.add(Action.SUB);
            } else {
                entry.reject("actions", "'" + word + "' is no action; write " + ACTIONS_LEGAL);
            }
        }
        return actions;
    }
}
