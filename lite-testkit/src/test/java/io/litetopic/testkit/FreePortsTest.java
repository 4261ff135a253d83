package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FreePortsTest {
    @Test
    void givesEveryPortOnlyOnceUntilItIsReleased() {
        Set<Integer> taken = new HashSet<>();

        for (int i = 0; i < 50; i++) {
            assertThat(taken.add(FreePorts.take())).isTrue();
        }

        assertThat(taken).allMatch(port -> port >= FreePorts.LOWEST && port <= FreePorts.HIGHEST);
        FreePorts.release(taken);
    }

    @Test
    void refusesAGivenPortOnWhichSomebodyListensAndNamesItsUse() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, Loopback.address())) {
            assertThatThrownBy(() -> FreePorts.takeGiven(listener.getLocalPort(), "broker"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("port " + listener.getLocalPort() + " for the broker is in use");
        }
    }

    @Test
    void keepsNoPortWhenOneOfSeveralCannotBeHad() throws IOException {
        int nameServer = FreePorts.take();
        FreePorts.release(Set.of(nameServer));
        try (ServerSocket listener = new ServerSocket(0, 1, Loopback.address())) {
            assertThatThrownBy(() -> ClusterPorts.take(nameServer, 0, listener.getLocalPort(), 1, 1))
                    .isInstanceOf(IllegalStateException.class);
        }

        assertThat(FreePorts.takeGiven(nameServer, "name server")).isEqualTo(nameServer);
        FreePorts.release(Set.of(nameServer));
    }

    @Test
    void portsOfAClusterAreDistinctAndLeaveRoomForTheFastChannel() {
        try (ClusterPorts ports = ClusterPorts.take(0, 0, 0, 2, 3)) {
            Set<Integer> all = new HashSet<>(Set.of(ports.nameServer()));
            for (BrokerPorts broker : ports.brokers()) {
                all.addAll(Set.of(broker.listen(), broker.listen() - BrokerPorts.FAST_CHANNEL_DISTANCE, broker.ha()));
            }
            for (ProxyPorts proxy : ports.proxies()) {
                all.addAll(Set.of(proxy.grpc(), proxy.remoting()));
            }
            ProxyPorts added = ports.takeForProxy();
            all.addAll(Set.of(added.grpc(), added.remoting()));

            assertThat(all).hasSize(1 + 2 * 3 + 3 * 2 + 2);
        }
    }
}
