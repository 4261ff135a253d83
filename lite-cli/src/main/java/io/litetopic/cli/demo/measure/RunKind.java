package io.litetopic.cli.demo.measure;

import java.util.Locale;

/** The three ways in which the same load is served. */
public enum RunKind {
    /** Lite topics, without the flooding tenants: what well-behaved tenants see on a quiet day. */
    BASELINE("Baseline", "lite topics, no flooding tenants", false, true),
    /** A plain FIFO topic and the official client, which sleeps in the listener to throttle. */
    BEFORE("Before", "plain FIFO topic, official client, sleep to throttle", true, false),
    /** Lite topics, whose listener suspends the tenant to throttle. */
    AFTER("After", "lite topics, suspend to throttle", true, true);

    private final String title;
    private final String description;
    private final boolean withFlooding;
    private final boolean lite;

    RunKind(String title, String description, boolean withFlooding, boolean lite) {
        this.title = title;
        this.description = description;
        this.withFlooding = withFlooding;
        this.lite = lite;
    }

    /** One word, for headings. */
    public String title() {
        return title;
    }

    /** Half a line, for captions. */
    public String description() {
        return description;
    }

    public boolean withFlooding() {
        return withFlooding;
    }

    /** Whether the run needs the plugin. */
    public boolean lite() {
        return lite;
    }

    /** Lower case, as used in options, topic names and style classes. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
