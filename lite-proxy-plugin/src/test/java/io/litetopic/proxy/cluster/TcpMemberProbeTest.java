package io.litetopic.proxy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TcpMemberProbeTest {
    private final TcpMemberProbe probe = new TcpMemberProbe(Duration.ofSeconds(2), Duration.ofMillis(300));

    @AfterEach
    void close() {
        probe.close();
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    }

    private MemberProbe.Answer probe(int port) {
        return probe.probe("127.0.0.1:" + port).join();
    }

    @Test
    void grpcServerAnswers() throws IOException {
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .build()
                .start();
        try {
            assertThat(probe(server.getPort())).isEqualTo(MemberProbe.Answer.ANSWERS);
        } finally {
            server.shutdownNow();
        }
    }

    @Test
    void serverThatEndsTheConnectionAnswers() throws Exception {
        try (ServerSocket server = listen()) {
            Thread closing = new Thread(() -> {
                try {
                    server.accept().close();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            closing.start();

            assertThat(probe(server.getLocalPort())).isEqualTo(MemberProbe.Answer.ANSWERS);
            closing.join();
        }
    }

    @Test
    void connectionThatIsAcceptedWithoutAWordIsNoAnswer() throws IOException {
        try (ServerSocket server = listen()) { // the kernel accepts, as it does for a stopped process
            assertThat(probe(server.getLocalPort())).isEqualTo(MemberProbe.Answer.SILENT);
        }
    }

    @Test
    void portWithoutListenerRefuses() throws IOException {
        int port;
        try (ServerSocket server = listen()) {
            port = server.getLocalPort();
        }

        assertThat(probe(port)).isEqualTo(MemberProbe.Answer.REFUSES);
    }

    @Test
    void nameThatDoesNotExistAndAddressWithoutPortProveNothing() {
        assertThat(probe.probe("no-such-host.invalid:8081").join()).isEqualTo(MemberProbe.Answer.SILENT);
        assertThat(probe.probe("owner").join()).isEqualTo(MemberProbe.Answer.SILENT);
    }
}
