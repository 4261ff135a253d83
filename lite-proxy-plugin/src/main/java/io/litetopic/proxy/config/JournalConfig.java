package io.litetopic.proxy.config;

import java.time.Duration;

/** How the state of groups is written down. Immutable. */
public final class JournalConfig {
    public static final JournalConfig DEFAULT = new JournalConfig(Duration.ofMillis(100), false);

    private final Duration flushInterval;
    private final boolean skipsDamaged;

    public JournalConfig(Duration flushInterval, boolean skipsDamaged) {
        this.flushInterval = flushInterval;
        this.skipsDamaged = skipsDamaged;
    }

    /**
     * For how long changes are collected before they are written; a crash forgets what was not. With zero, acks and suspends are
     * answered when they are written.
     */
    public Duration flushInterval() {
        return flushInterval;
    }

    /** Whether damaged records are skipped; otherwise a queue whose journal has one is not served. */
    public boolean skipsDamaged() {
        return skipsDamaged;
    }

    @Override
    public String toString() {
        return "{flushInterval=" + flushInterval + ", onDamage=" + (skipsDamaged ? "skip" : "stop") + '}';
    }
}
