package io.litetopic.proxy.runtime;

import io.litetopic.proxy.concurrent.Callbacks;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;

/**
 * Reports the messages of a group that nobody consumed in time: many lite topics may expire at once, so there is one line every
 * {@value #PERIOD_MILLIS} ms at most. Thread-safe.
 */
final class ExpiryLog {
    private static final long PERIOD_MILLIS = 10_000;
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final String group;
    private final ScheduledExecutorService scheduler;

    // guarded by this
    private int liteTopics;
    private long messages;
    private String example = "";

    ExpiryLog(String group, ScheduledExecutorService scheduler) {
        this.group = group;
        this.scheduler = scheduler;
    }

    synchronized void expired(String liteTopic, int expiredMessages) {
        if (liteTopics == 0) {
            example = liteTopic;
            Callbacks.later(scheduler, PERIOD_MILLIS, this::flush);
        }
        liteTopics++;
        messages += expiredMessages;
    }

    /** Writes what is not written yet. */
    synchronized void flush() {
        if (liteTopics > 0) {
            log.warn(
                    "unconsumed messages expired and were dropped consumerGroup={} liteTopics={} messages={} example={}",
                    group,
                    liteTopics,
                    messages,
                    example);
        }
        liteTopics = 0;
        messages = 0;
    }
}
