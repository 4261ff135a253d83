package io.litetopic.proxy.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TimerQueueTest {
    private final TimerQueue<String> queue = new TimerQueue<>();

    @Test
    void firesNothingBeforeItsDeadline() {
        queue.schedule(new Timer<>("a"), 10);

        assertThat(queue.pollDue(9)).isNull();
        assertThat(queue.pollDue(10)).isNotNull().extracting(Timer::target).isEqualTo("a");
        assertThat(queue.nextDeadlineNanos()).isEqualTo(TimerQueue.NONE);
    }

    @Test
    void firesEqualDeadlinesInTheOrderOfScheduling() {
        for (int i = 0; i < 20; i++) {
            queue.schedule(new Timer<>("t" + i), 5);
        }

        List<String> fired = new ArrayList<>();
        Timer<String> timer;
        while ((timer = queue.pollDue(5)) != null) {
            fired.add(timer.target());
        }

        assertThat(fired).hasSize(20).startsWith("t0", "t1", "t2").endsWith("t19");
    }

    @Test
    void reschedulesAndCancelsLikeASortedMap() {
        SplittableRandom random = new SplittableRandom(3);
        List<Timer<String>> timers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            timers.add(new Timer<>("t" + i));
        }
        TreeMap<Long, Timer<String>> model = new TreeMap<>();
        for (int step = 0; step < 20_000; step++) {
            Timer<String> timer = timers.get(random.nextInt(timers.size()));
            model.values().remove(timer);
            if (random.nextInt(3) == 0) {
                queue.cancel(timer);
            } else {
                long deadline = random.nextInt(1_000_000);
                while (model.containsKey(deadline)) {
                    deadline++;
                }
                queue.schedule(timer, deadline);
                model.put(deadline, timer);
            }
            assertThat(queue.size()).isEqualTo(model.size());
            assertThat(queue.nextDeadlineNanos()).isEqualTo(model.isEmpty() ? TimerQueue.NONE : model.firstKey());
        }
    }
}
