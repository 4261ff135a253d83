package io.litetopic.lite.internal.rocketmq;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Passes TCP connections on to a port of this machine, and cuts them when a test says so. */
final class Forwarder implements AutoCloseable {

    private final int targetPort;
    private volatile ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private Forwarder(int targetPort, ServerSocket server) {
        this.targetPort = targetPort;
        this.server = server;
    }

    static Forwarder to(int targetPort) throws IOException {
        Forwarder forwarder = new Forwarder(targetPort, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        forwarder.accept(forwarder.server);
        return forwarder;
    }

    int port() {
        return server.getLocalPort();
    }

    /** Breaks all connections; new ones are accepted at once. */
    void cut() throws IOException {
        for (Socket socket : List.copyOf(sockets)) {
            sockets.remove(socket);
            socket.close();
        }
    }

    /** Breaks all connections and refuses new ones, as a process does that was killed. */
    void down() throws IOException {
        server.close();
        cut();
    }

    /** Accepts connections again, at the same port. */
    void up() throws IOException {
        ServerSocket again = new ServerSocket();
        again.setReuseAddress(true);
        again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), 50);
        server = again;
        accept(again);
    }

    @Override
    public void close() throws IOException {
        down();
        threads.shutdown();
    }

    private void accept(ServerSocket server) {
        threads.execute(() -> acceptAll(server));
    }

    private void acceptAll(ServerSocket server) {
        try {
            while (true) {
                Socket client = server.accept();
                Socket target = new Socket(InetAddress.getLoopbackAddress(), targetPort);
                sockets.add(client);
                sockets.add(target);
                threads.execute(() -> copy(client, target));
                threads.execute(() -> copy(target, client));
            }
        } catch (IOException expected) {
            // closed
        }
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException expected) {
            // cut, or ended by one of the sides
        }
    }
}
