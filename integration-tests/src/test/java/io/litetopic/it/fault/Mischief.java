package io.litetopic.it.fault;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.MessageListener;
import io.litetopic.lite.MessageView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * A listener as applications have them: mostly it succeeds at once, sometimes it is slow, fails, or suspends the lite topic. Lite topics
 * whose name begins with {@link #PROBE} get successes only. It reports what it does. Thread-safe.
 */
final class Mischief implements MessageListener {
    static final String PROBE = "probe-";

    // longer than a restart of a server takes, so that some of them see one
    static final int LONGEST_SUSPEND_MILLIS = 60_000;

    private static final double SUSPENDS = 0.03;
    private static final double FAILS = 0.01;
    private static final double IS_SLOW = 0.02;

    private final String consumer;
    private final History history;
    private final BiConsumer<MessageView, Long> beforeAnswer;
    private final Random random;
    private final CountDownLatch calm = new CountDownLatch(1);

    /** @param beforeAnswer is told the message and its delivery in the history just before each answer */
    Mischief(String consumer, History history, long seed, BiConsumer<MessageView, Long> beforeAnswer) {
        this.consumer = consumer;
        this.history = history;
        this.random = new Random(seed);
        this.beforeAnswer = beforeAnswer;
    }

    /** From now on everything succeeds at once, and slow calls end. */
    void calmDown() {
        calm.countDown();
    }

    @Override
    public ConsumeResult consume(MessageView message) {
        String liteTopic = message.getLiteTopic().orElseThrow();
        int number = Integer.parseInt(
                StandardCharsets.UTF_8.decode(message.getBody()).toString());
        long delivery = history.began(consumer, liteTopic, number, System.nanoTime());
        double dice = liteTopic.startsWith(PROBE) || calm.getCount() == 0 ? 1 : random.nextDouble();
        if (dice < SUSPENDS) {
            return suspend(message, delivery);
        }
        if (dice < SUSPENDS + FAILS) {
            answer(message, delivery, History.Result.FAILURE, 0);
            return ConsumeResult.FAILURE;
        }
        if (dice < SUSPENDS + FAILS + IS_SLOW) {
            beSlow();
        }
        answer(message, delivery, History.Result.SUCCESS, 0);
        return ConsumeResult.SUCCESS;
    }

    private ConsumeResult suspend(MessageView message, long delivery) {
        double dice = random.nextDouble();
        long millis = dice < 0.8
                ? between(50, 500)
                : dice < 0.95 ? between(500, 3_000) : between(10_000, LONGEST_SUSPEND_MILLIS);
        answer(message, delivery, History.Result.SUSPEND, millis);
        return ConsumeResultSuspend.of(Duration.ofMillis(millis));
    }

    private void answer(MessageView message, long delivery, History.Result result, long suspendMillis) {
        history.ended(delivery, result, suspendMillis, System.nanoTime());
        beforeAnswer.accept(message, delivery);
    }

    private void beSlow() {
        try {
            // the calm ends the wait; a time that passes means no more than that
            boolean ended = calm.await(between(100, 3_000), TimeUnit.MILLISECONDS);
            assert ended || calm.getCount() > 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int between(int low, int high) {
        return low + random.nextInt(high - low);
    }
}
