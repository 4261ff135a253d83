package io.litetopic.proxy.engine;

import java.util.Locale;

/** What becomes of unconsumed messages of a lite topic whose time to live is over. */
public enum ExpiryPolicy {
    /** They are dropped. */
    DELETE,
    /** They go to the group's dead letter queue. */
    DEAD_LETTER,
    /** They stay, and so does the lite topic; one without messages ends. */
    KEEP;

    /** The word for this policy in the configuration file. */
    public String configName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
