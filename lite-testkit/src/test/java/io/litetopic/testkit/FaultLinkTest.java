package io.litetopic.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultLinkTest {
    private static final int SHORT_MILLIS = 200;
    private static final int LONG_MILLIS = 5_000;

    private final int port = FreePorts.take();
    private ServerSocket server;
    private FaultLink link;
    private Socket client;

    @BeforeEach
    void connectToAnEchoServer() throws IOException {
        server = new ServerSocket(0, 10, Loopback.address());
        Thread thread = new Thread(this::echo, "echo");
        thread.setDaemon(true);
        thread.start();
        link = new FaultLink("client to server", port, server.getLocalPort(), PieceReader.AS_IT_COMES);
        link.start();
        client = connect();
        assertThat(answer("hello")).isEqualTo("hello");
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        link.close();
        server.close();
        FreePorts.release(Set.of(port));
    }

    @Test
    void cutLinkResetsConnectionsAndRefusesNewOnesUntilItIsHealed() throws IOException {
        link.cut();

        assertThatThrownBy(() -> answer("anybody?")).isInstanceOf(SocketException.class);
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);

        link.heal();
        client = connect();
        assertThat(answer("again")).isEqualTo("again");
    }

    @Test
    void frozenLinkKeepsConnectionsAndCarriesNothingUntilItIsHealed() throws IOException {
        link.freeze();

        client.setSoTimeout(SHORT_MILLIS);
        assertThatThrownBy(() -> answer("late")).isInstanceOf(SocketTimeoutException.class);
        try (Socket other = connect()) {
            assertThat(other.isConnected()).isTrue();
        }

        client.setSoTimeout(LONG_MILLIS);
        link.heal();
        assertThat(read(client.getInputStream(), "late".length())).isEqualTo("late");
    }

    @Test
    void frozenLinkCanBeCut() {
        link.freeze();

        link.cut();

        assertThatThrownBy(() -> answer("anybody?")).isInstanceOf(SocketException.class);
    }

    @Test
    void slowLinkTakesTheTimeThatItsRateSays() throws IOException {
        link.slow(1_000);
        long begin = System.nanoTime();

        answer("x".repeat(150));

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void endOfTheServerIsSeenByTheClient() throws IOException {
        assertThat(answer("bye")).isEqualTo("bye"); // the echo server ends the connection after that word

        assertThat(client.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void closedLinkCannotBeHealed() {
        link.close();

        assertThatThrownBy(() -> link.heal())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("client to server is closed");
        assertThatThrownBy(() -> link.slow(0)).hasMessageContaining("bytesPerSecond must be positive, but is 0");
    }

    @Test
    void addressesOfBrokersAreReplacedInWhatANameServerAnswers() throws IOException {
        RouteRewriter rewriter = new RouteRewriter(Map.of(20_001, 30_001));
        byte[] route = "?{\"brokerAddrs\":{0:\"127.0.0.1:20001\"}} 127.0.0.1:20001\u00ff"
                .getBytes(StandardCharsets.ISO_8859_1);
        DataOutputStream out = new DataOutputStream(client.getOutputStream());
        out.writeInt(route.length);
        out.write(route);

        byte[] piece = rewriter.next(client.getInputStream());

        assertThat(new DataInputStream(new ByteArrayInputStream(piece)).readInt())
                .isEqualTo(route.length);
        assertThat(new String(piece, 4, route.length, StandardCharsets.ISO_8859_1))
                .isEqualTo("?{\"brokerAddrs\":{0:\"127.0.0.1:30001\"}} 127.0.0.1:20001\u00ff");
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(Loopback.address(), port);
        socket.setSoTimeout(LONG_MILLIS);
        return socket;
    }

    private String answer(String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return read(client.getInputStream(), text.length());
    }

    private static String read(InputStream in, int length) throws IOException {
        byte[] bytes = new byte[length];
        new DataInputStream(in).readFully(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private void echo() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread thread = new Thread(() -> echo(socket), "echo-connection");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException expected) { // the test is over
                return;
            }
        }
    }

    private static void echo(Socket socket) {
        try (socket) {
            byte[] buffer = new byte[1_000];
            String last = "";
            while (!last.equals("bye")) {
                int length = socket.getInputStream().read(buffer);
                if (length < 0) {
                    return;
                }
                last = new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
                socket.getOutputStream().write(buffer, 0, length);
            }
        } catch (IOException expected) { // the link was cut
            return;
        }
    }
}
