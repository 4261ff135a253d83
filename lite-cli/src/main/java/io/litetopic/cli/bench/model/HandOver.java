package io.litetopic.cli.bench.model;

import java.util.Arrays;

/** Ways in which a consumer loses its lite topics to another. */
public enum HandOver {
    UNSUBSCRIBE(1, "unsubscribe here, subscribe there"),
    CLOSE(2, "close of the consumer"),
    KILL(3, "kill -9 of the consumer");

    private final int number;
    private final String title;

    HandOver(int number, String title) {
        this.number = number;
        this.title = title;
    }

    /** The one with that number. */
    public static HandOver of(int number) {
        return Arrays.stream(values())
                .filter(each -> each.number == number)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no way of handing over has number " + number));
    }

    /** As a parameter of a case. */
    public int number() {
        return number;
    }

    public String title() {
        return title;
    }
}
