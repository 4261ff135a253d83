package io.litetopic.proxy.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PendingMessagesTest {
    @Test
    void behavesLikeAListUnderRandomAppendsAndRemovals() {
        SplittableRandom random = new SplittableRandom(7);
        PendingMessages messages = new PendingMessages();
        List<Long> model = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            boolean grow = step % 4_000 < 2_000 ? random.nextInt(3) > 0 : random.nextInt(3) == 0;
            if (grow) {
                messages.addLast(step, null);
                model.add((long) step);
            } else if (!model.isEmpty()) {
                int index = random.nextInt(4) == 0 ? random.nextInt(Math.min(5, model.size())) : 0;
                assertThat(messages.indexOf(model.get(index), messages.size())).isEqualTo(index);
                messages.remove(index);
                model.remove(index);
            }
            assertThat(messages.size()).isEqualTo(model.size());
            for (int index = 0; index < Math.min(3, model.size()); index++) {
                assertThat(messages.position(index)).isEqualTo(model.get(index));
            }
        }
    }

    @Test
    void findsPositionsWithinTheLimitOnly() {
        PendingMessages messages = new PendingMessages();
        messages.addLast(10, null);
        messages.addLast(11, null);

        assertThat(messages.indexOf(11, 2)).isEqualTo(1);
        assertThat(messages.indexOf(11, 1)).isEqualTo(-1);
        assertThat(messages.indexOf(12, 9)).isEqualTo(-1);
    }
}
