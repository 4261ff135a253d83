package io.litetopic.cli.bench.model;

/** The client library that makes the load. */
public enum ClientKind {
    SDK("our SDK"),
    OFFICIAL("official client");

    private final String title;

    ClientKind(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }
}
