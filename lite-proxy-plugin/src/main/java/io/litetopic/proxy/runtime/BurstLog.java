package io.litetopic.proxy.runtime;

import io.litetopic.proxy.concurrent.Callbacks;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;

/**
 * Reports what may happen to many lite topics of a group at once, in one line every {@value #PERIOD_MILLIS} ms at most: how often
 * it happened, to how many messages, and one lite topic as an example. Thread-safe.
 */
final class BurstLog {
    private static final long PERIOD_MILLIS = 10_000;
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final String text;
    private final String group;
    private final ScheduledExecutorService scheduler;

    // guarded by this
    private long times;
    private long messages;
    private String example = "";

    /** @param text what happened */
    BurstLog(String text, String group, ScheduledExecutorService scheduler) {
        this.text = text;
        this.group = group;
        this.scheduler = scheduler;
    }

    synchronized void add(String liteTopic, long affectedMessages) {
        if (times == 0) {
            example = liteTopic;
            Callbacks.later(scheduler, PERIOD_MILLIS, this::flush);
        }
        times++;
        messages += affectedMessages;
    }

    /** Writes what is not written yet. */
    synchronized void flush() {
        if (times > 0) {
            log.warn("{} consumerGroup={} times={} messages={} example={}", text, group, times, messages, example);
        }
        times = 0;
        messages = 0;
    }
}
