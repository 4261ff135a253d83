package io.litetopic.proxy.engine;

import java.util.Locale;

/** How the consumers of a group share its lite topics. */
public enum SubscriptionMode {
    /** Several consumers may subscribe to a lite topic; one at a time holds its deliveries. */
    SHARED,
    /** The last subscriber of a lite topic wins; the former one is told. */
    EXCLUSIVE,
    /** Every consumer serves every lite topic of the bind topic; nobody subscribes. */
    WILDCARD;

    /** The word for this mode in the configuration file. */
    public String configName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
