package io.litetopic.proxy.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;

/**
 * Connects and says hello as an HTTP/2 client does. A gRPC server answers with its settings; one that insists on TLS ends the
 * connection, which is an answer too. A process that is stopped does neither, though its kernel accepts the connection.
 */
public final class TcpMemberProbe implements MemberProbe {
    private static final int THREADS = 4;
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");
    /** The connection preface of HTTP/2 (RFC 9113, section 3.4) and an empty SETTINGS frame. */
    private static final byte[] HELLO =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

    private final int connectMillis;
    private final int answerMillis;
    private final ExecutorService threads;

    /** @param connectTimeout of the connection; {@code answerTimeout} of what comes next. Both at least 1 ms */
    public TcpMemberProbe(Duration connectTimeout, Duration answerTimeout) {
        this.connectMillis = Math.toIntExact(connectTimeout.toMillis());
        this.answerMillis = Math.toIntExact(answerTimeout.toMillis());
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(THREADS, THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "lite-probe");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        this.threads = pool;
    }

    @Override
    public CompletableFuture<Answer> probe(String address) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        try {
            threads.execute(() -> answer.complete(ask(address)));
        } catch (RejectedExecutionException closed) { // nobody waits for an answer any more
            answer.complete(Answer.SILENT);
        }
        return answer;
    }

    private Answer ask(String address) {
        int colon = address.lastIndexOf(':');
        String host = address.substring(0, Math.max(colon, 0)).replace("[", "").replace("]", "");
        try (Socket socket = new Socket()) {
            int port = Integer.parseInt(address.substring(colon + 1));
            try {
                socket.connect(new InetSocketAddress(host, port), connectMillis);
            } catch (ConnectException e) {
                // The same exception stands for a connection that timed out in the kernel, which proves nothing.
                return String.valueOf(e.getMessage()).contains("refused") ? Answer.REFUSES : Answer.SILENT;
            }
            return hello(socket);
        } catch (IOException | IllegalArgumentException e) {
            log.debug("member not probed address={}", address, e);
            return Answer.SILENT;
        }
    }

    private Answer hello(Socket socket) throws IOException {
        socket.setSoTimeout(answerMillis);
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream();
        try {
            out.write(HELLO);
            out.flush();
            return in.read() >= -1 ? Answer.ANSWERS : Answer.SILENT; // -1: it ended the connection
        } catch (SocketTimeoutException e) {
            return Answer.SILENT;
        } catch (IOException reset) { // it reset the connection: somebody is there
            return Answer.ANSWERS;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
