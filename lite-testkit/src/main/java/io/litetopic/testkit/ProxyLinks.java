package io.litetopic.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The links of one proxy: to the name server, which tells it that the brokers are at its other links, and to each broker. The servers
 * themselves know nothing of links, and nobody else uses them.
 */
final class ProxyLinks implements AutoCloseable {
    private final FaultLink nameServer;
    private final List<FaultLink> brokers;

    private ProxyLinks(FaultLink nameServer, List<FaultLink> brokers) {
        this.nameServer = nameServer;
        this.brokers = List.copyOf(brokers);
    }

    /** Links of the proxy {@code proxyName}, with ports of their own. */
    static ProxyLinks of(String proxyName, ClusterPorts ports) {
        List<FaultLink> brokers = new ArrayList<>();
        Map<Integer, Integer> linkOfBroker = new HashMap<>();
        for (BrokerPorts broker : ports.brokers()) {
            String name = proxyName + " to " + ConfigFiles.brokerName(brokers.size());
            FaultLink link = new FaultLink(name, ports.takeFree(), broker.listen(), PieceReader.AS_IT_COMES);
            brokers.add(link);
            linkOfBroker.put(broker.listen(), link.port());
        }
        FaultLink nameServer = new FaultLink(
                proxyName + " to nameserver", ports.takeFree(), ports.nameServer(), new RouteRewriter(linkOfBroker));
        return new ProxyLinks(nameServer, brokers);
    }

    /** Begins to carry connections. */
    void start() {
        nameServer.start();
        brokers.forEach(FaultLink::start);
    }

    FaultLink nameServer() {
        return nameServer;
    }

    /** To each broker, in order. */
    List<FaultLink> brokers() {
        return brokers;
    }

    @Override
    public void close() {
        nameServer.close();
        brokers.forEach(FaultLink::close);
    }
}
