package io.litetopic.cli.bench.model;

import io.litetopic.testkit.ProxyMode;
import java.util.List;

/** A server side under test. */
public enum SystemKind {
    /** The stock baseline with the plugin; broker and proxy in one process. */
    OURS_LOCAL(Peer.OURS, ProxyMode.LOCAL, "ours, local mode"),
    /** The stock baseline without plugin: a message group per lite topic, the official push consumer. */
    FIFO_LOCAL(Peer.FIFO, ProxyMode.LOCAL, "plain FIFO, local mode"),
    OURS_CLUSTER(Peer.OURS, ProxyMode.CLUSTER, "ours, cluster mode"),
    FIFO_CLUSTER(Peer.FIFO, ProxyMode.CLUSTER, "plain FIFO, cluster mode"),
    /** RocketMQ's own lite topics, which need the broker to keep its queues in RocksDB and work in cluster mode only. */
    NATIVE(Peer.NATIVE, ProxyMode.CLUSTER, "native lite topics");

    private final Peer peer;
    private final ProxyMode mode;
    private final String title;

    SystemKind(Peer peer, ProxyMode mode, String title) {
        this.peer = peer;
        this.mode = mode;
        this.title = title;
    }

    public Peer peer() {
        return peer;
    }

    public ProxyMode mode() {
        return mode;
    }

    public String title() {
        return title;
    }

    /** Those that can talk to it. */
    public List<ClientKind> clients() {
        return peer == Peer.OURS ? List.of(ClientKind.SDK, ClientKind.OFFICIAL) : List.of(ClientKind.OFFICIAL);
    }
}
