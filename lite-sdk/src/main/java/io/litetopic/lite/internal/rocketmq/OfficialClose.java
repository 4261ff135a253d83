package io.litetopic.lite.internal.rocketmq;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.apache.rocketmq.client.java.impl.ClientImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes official clients within a limit. They tell the server first that they end, and then wait without limit until all
 * their streams have ended.
 *
 * <p>The one that does not end is a telemetry stream: a client whose stream broke opens the next one a second later, also
 * if it has ended all its streams meanwhile, and then nobody ends that one until the server does, minutes later. That is
 * prevented here; a server that leaves streams open is what the limit is for.
 */
public final class OfficialClose {

    private static final Logger log = LoggerFactory.getLogger(OfficialClose.class);

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private OfficialClose() {}

    /**
     * Blocks until the client has ended, for 2 s at most; then it goes on to end by itself, on a daemon thread. To be called
     * when nothing that the client was asked for is under way any more. What fails is logged.
     */
    public static void close(Closeable client) {
        if (client instanceof ClientImpl) {
            dropWhatIsDueLater(((ClientImpl) client).getClientManager().getScheduler());
        }
        Thread closer = new Thread(() -> end(client), "lite-client-close");
        closer.setDaemon(true);
        closer.start();
        try {
            closer.join(TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (closer.isAlive()) {
            log.warn(
                    "official client has not ended and is left to itself: one of its streams is still open at the server."
                            + " Nothing that was sent or acked is lost, but its threads live on until the server ends the"
                            + " stream, and the process with them unless it is told to exit client={} waitedMillis={}",
                    client,
                    TIMEOUT.toMillis());
        }
    }

    /** Otherwise the client ends its streams, waits until all that is due later has run, and so opens a stream again. */
    private static void dropWhatIsDueLater(ScheduledExecutorService scheduler) {
        if (scheduler instanceof ScheduledThreadPoolExecutor) {
            ((ScheduledThreadPoolExecutor) scheduler).setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        }
    }

    private static void end(Closeable client) {
        try {
            client.close();
        } catch (IOException | IllegalStateException e) {
            log.warn("official client did not close cleanly client={}", client, e);
        }
    }
}
