package io.litetopic.cli.bench.model;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A client library against a system: a column of the report. */
public record Contender(SystemKind system, ClientKind client) {

    /** All there are, in the order of the report. */
    public static List<Contender> all() {
        return Arrays.stream(SystemKind.values())
                .flatMap(system -> system.clients().stream().map(client -> new Contender(system, client)))
                .toList();
    }

    /** For headings. */
    public String title() {
        return system.clients().size() == 1 ? system.title() : system.title() + ", " + client.title();
    }

    /** For headings over a narrow column: what it is, and below it the rest. */
    public List<String> headings() {
        return Stream.concat(
                        Arrays.stream(system.title().split(", ")),
                        system.clients().size() == 1 ? Stream.of() : Stream.of(client.title()))
                .toList();
    }

    /** Whether a listener can suspend its lite topic; without that it can only sleep. */
    public boolean canSuspend() {
        return client == ClientKind.SDK;
    }

    /** Whether a consumer has only the lite topics that it subscribes to. */
    public boolean hasSubscriptions() {
        return system.peer() != Peer.FIFO;
    }
}
