package io.litetopic.proxy.runtime;

import io.litetopic.proxy.concurrent.Callbacks;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;

/**
 * Reports that a group's index of waiting messages is full, and that it is not any more. A group at the limit goes to and fro:
 * after a line the next one follows {@value #PERIOD_MILLIS} ms later at the earliest, with the state of then. Thread-safe.
 */
final class IndexFullLog {
    private static final long PERIOD_MILLIS = 10_000;
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final String group;
    private final ScheduledExecutorService scheduler;

    // guarded by this
    private boolean full;
    private long pendingMessages;
    private boolean reportedFull;
    private boolean resting;

    IndexFullLog(String group, ScheduledExecutorService scheduler) {
        this.group = group;
        this.scheduler = scheduler;
    }

    synchronized void changed(boolean isFull, long messages) {
        full = isFull;
        pendingMessages = messages;
        if (!resting) {
            report();
        }
    }

    private synchronized void rested() {
        resting = false;
        report();
    }

    private void report() {
        if (full == reportedFull) {
            return;
        }
        reportedFull = full;
        if (full) {
            log.error(
                    "too many unconsumed messages: queues are not read further until some are consumed or expire"
                            + " consumerGroup={} pendingMessages={}; give the bind topic a ttl or consume what waits",
                    group,
                    pendingMessages);
        } else {
            log.info("queues are read again consumerGroup={} pendingMessages={}", group, pendingMessages);
        }
        resting = true;
        Callbacks.later(scheduler, PERIOD_MILLIS, this::rested);
    }
}
