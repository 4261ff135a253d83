package io.litetopic.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The network between a proxy and one other server, with the means to hurt it. It carries TCP connections unchanged until a method
 * says otherwise; each method replaces what the one before it said. A connection to a server that is down ends at once, as a refused
 * one does, but is accepted first. Thread-safe; no method waits for the network.
 */
public final class FaultLink {
    private static final Logger log = LoggerFactory.getLogger(FaultLink.class);
    private static final int CONNECT_TIMEOUT_MILLIS = 3_000;
    private static final int BACKLOG = 64;
    private static final long UNLIMITED = Long.MAX_VALUE;

    private final String name;
    private final int port;
    private final int target;
    private final PieceReader responses;

    private final Object lock = new Object();
    private @Nullable ServerSocket listener; // guarded by lock; null while cut or closed
    private boolean frozen; // guarded by lock
    private long bytesPerSecond = UNLIMITED; // guarded by lock
    private boolean closed; // guarded by lock; once true, stays so
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

    /** @param responses how to cut what the server answers into pieces, and perhaps to change them */
    FaultLink(String name, int port, int target, PieceReader responses) {
        this.name = name;
        this.port = port;
        this.target = target;
        this.responses = responses;
    }

    /** Begins to carry connections. */
    void start() {
        listen();
    }

    /** Ends all connections with a reset, on both sides, and refuses new ones until {@link #heal()}. */
    public void cut() {
        synchronized (lock) {
            closeListener();
            frozen = false;
        }
        resetConnections();
        log.info("link cut link={}", name);
    }

    /**
     * Carries no byte until {@link #heal()}: connections stay open and new ones are accepted, but nobody is answered and nobody is told
     * why. What was sent meanwhile is carried then.
     */
    public void freeze() {
        listen();
        synchronized (lock) {
            frozen = true;
        }
        log.info("link frozen link={}", name);
    }

    /**
     * Carries at most so many bytes a second, per connection and direction, until {@link #heal()}.
     *
     * @param bytesPerSecond positive
     */
    public void slow(int bytesPerSecond) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("bytesPerSecond must be positive, but is " + bytesPerSecond
                    + "; freeze() stops the bytes altogether");
        }
        listen();
        synchronized (lock) {
            frozen = false;
            this.bytesPerSecond = bytesPerSecond;
            lock.notifyAll();
        }
        log.info("link slowed link={} bytesPerSecond={}", name, bytesPerSecond);
    }

    /** Carries everything again at full speed. */
    public void heal() {
        listen();
        synchronized (lock) {
            frozen = false;
            bytesPerSecond = UNLIMITED;
            lock.notifyAll();
        }
        log.info("link healed link={}", name);
    }

    /** Who is connected by this link, for example {@code proxy-2 to broker}. */
    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return name + " [port=" + port + ", target=" + target + "]";
    }

    /** The port that the link listens on. */
    int port() {
        return port;
    }

    /** Ends all connections for good. */
    void close() {
        synchronized (lock) {
            closed = true;
            closeListener();
        }
        resetConnections();
    }

    private void listen() {
        synchronized (lock) {
            if (closed) {
                throw new IllegalStateException("link " + name + " is closed, as is its cluster");
            }
            if (listener != null) {
                return;
            }
            try {
                ServerSocket socket = new ServerSocket();
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(Loopback.address(), port), BACKLOG);
                listener = socket;
                daemon("accept", () -> accept(socket));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot listen on port " + port + " for link " + name, e);
            }
        }
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket near = socket.accept();
                Connection connection = new Connection(near);
                connections.add(connection);
                if (socket.isClosed()) { // cut while it was accepted: nobody else resets it
                    connection.reset();
                } else {
                    daemon("connect", connection::run);
                }
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    log.warn("link cannot accept a connection link={}", name, e);
                }
            }
        }
    }

    private void closeListener() {
        ServerSocket socket = listener;
        listener = null;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot stop listening on port " + port + " for link " + name, e);
            }
        }
        lock.notifyAll();
    }

    private void resetConnections() {
        List.copyOf(connections).forEach(Connection::reset);
    }

    private void daemon(String what, Runnable task) {
        Thread thread = new Thread(task, "litetopic-link-" + what + " " + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits until {@code bytes} may pass; false if the connection has ended meanwhile. */
    private boolean pass(Connection connection, int bytes) throws InterruptedException {
        synchronized (lock) {
            while (frozen && !connection.isOver()) {
                lock.wait();
            }
            if (bytesPerSecond == UNLIMITED) {
                return !connection.isOver();
            }
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(bytes) / bytesPerSecond;
            while (bytesPerSecond != UNLIMITED && !connection.isOver() && end - System.nanoTime() > 0) {
                TimeUnit.NANOSECONDS.timedWait(lock, end - System.nanoTime());
            }
        }
        return !connection.isOver();
    }

    /** One accepted connection and its other half. */
    private final class Connection {
        private final Socket near;
        private final Socket far = new Socket();
        private final AtomicInteger openDirections = new AtomicInteger(2);
        private volatile boolean over;

        Connection(Socket near) {
            this.near = near;
        }

        boolean isOver() {
            return over;
        }

        void run() {
            try {
                far.connect(Loopback.socketAddress(target), CONNECT_TIMEOUT_MILLIS);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
            } catch (IOException e) {
                log.debug("link reaches nobody link={} target={}", name, target, e);
                reset();
                return;
            }
            daemon("answer", () -> carry(far, near, responses));
            carry(near, far, PieceReader.AS_IT_COMES);
        }

        private void carry(Socket from, Socket to, PieceReader pieces) {
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                byte[] piece = pieces.next(in);
                while (piece.length > 0 && pass(this, piece.length)) {
                    out.write(piece);
                    piece = pieces.next(in);
                }
                to.shutdownOutput();
                if (openDirections.decrementAndGet() == 0) {
                    close();
                }
            } catch (IOException e) {
                log.debug("connection broke link={}", name, e);
                reset();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                reset();
            }
        }

        /** Ends it as the two sides ended it: all bytes have been carried. */
        private void close() throws IOException {
            connections.remove(this);
            near.close();
            far.close();
        }

        void reset() {
            synchronized (lock) {
                over = true;
                lock.notifyAll();
            }
            connections.remove(this);
            for (Socket socket : List.of(near, far)) {
                try {
                    socket.setSoLinger(true, 0); // close sends a reset
                    socket.close();
                } catch (IOException e) {
                    log.debug("connection was closed already link={}", name, e);
                }
            }
        }
    }
}
