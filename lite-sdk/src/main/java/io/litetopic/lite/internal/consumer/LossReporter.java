package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.LiteUnsubscribeListener;
import io.litetopic.lite.UnsubscribeReason;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the application of lost subscriptions, one after the other, on a thread of its own: the workers may all be busy
 * for long. The thread exists only while there is something to tell.
 *
 * <p>Thread-safe; never blocks.
 */
final class LossReporter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LossReporter.class);

    private static final long IDLE_MILLIS = 1_000;

    private final String consumerGroup;
    private final @Nullable LiteUnsubscribeListener listener;
    private final RareLog rareLog;
    private final ThreadPoolExecutor executor;

    LossReporter(String consumerGroup, @Nullable LiteUnsubscribeListener listener, LoopTimer timer) {
        this.consumerGroup = consumerGroup;
        this.listener = listener;
        this.rareLog = new RareLog(timer);
        this.executor = new ThreadPoolExecutor(
                1,
                1,
                IDLE_MILLIS,
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(),
                NamedThreads.of("lite-consumer-" + consumerGroup + "-unsubscribed"),
                new ThreadPoolExecutor.DiscardPolicy()); // After close nobody is told.
        executor.allowCoreThreadTimeOut(true);
    }

    void report(String liteTopic) {
        if (listener == null) {
            logLoss(liteTopic);
        } else {
            executor.execute(() -> call(listener, liteTopic));
        }
    }

    private void call(LiteUnsubscribeListener listener, String liteTopic) {
        try {
            listener.onUnsubscribed(liteTopic, UnsubscribeReason.UNKNOWN);
        } catch (RuntimeException | Error e) {
            log.error("unsubscribe listener failed consumerGroup={} liteTopic={}", consumerGroup, liteTopic, e);
        }
    }

    private void logLoss(String liteTopic) {
        if (rareLog.isDue()) {
            log.warn(
                    "subscription ended by the server, subscribe again if it is still wanted consumerGroup={}"
                            + " liteTopic={}",
                    consumerGroup,
                    liteTopic);
        } else {
            log.debug("subscription ended by the server consumerGroup={} liteTopic={}", consumerGroup, liteTopic);
        }
    }

    /** Lets no further call start; one that runs goes on. */
    @Override
    public void close() {
        executor.shutdown();
        executor.getQueue().clear();
    }
}
