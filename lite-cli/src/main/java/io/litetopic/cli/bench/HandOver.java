package io.litetopic.cli.bench;

/** Ways in which a consumer loses its lite topics to another. */
public enum HandOver {
    UNSUBSCRIBE("unsubscribe here, subscribe there"),
    CLOSE("close of the consumer"),
    KILL("kill -9 of the consumer");

    private final String title;

    HandOver(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }
}
