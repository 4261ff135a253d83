package io.litetopic.proxy.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.proxy.broker.BrokerMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PendingMessagesTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void behavesLikeAListUnderRandomCommands(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        PendingMessages messages = new PendingMessages();
        List<Long> model = new ArrayList<>();
        int loaded = 0;
        long offset = 0;
        int slot = 0;
        for (int step = 0; step < 20_000; step++) {
            boolean grow = step % 4_000 < 2_000 ? random.nextInt(3) > 0 : random.nextInt(3) == 0;
            if (grow) {
                offset += 1 + random.nextInt(random.nextInt(20) == 0 ? 1_000_000 : 40);
                slot = random.nextInt(500) == 0 ? random.nextInt(4) : slot;
                long position = Position.of(slot, offset);
                if (!messages.hasUnloaded() && random.nextInt(3) > 0) {
                    messages.addLast(position, message(position));
                    loaded++;
                } else {
                    messages.addLast(position);
                }
                model.add(position);
            } else if (random.nextInt(20) == 0) {
                int keep = random.nextInt(4);
                messages.unload(keep);
                loaded = Math.min(loaded, keep);
            } else if (random.nextInt(3) == 0 && messages.hasUnloaded()) {
                assertThat(messages.firstUnloaded()).isEqualTo(model.get(loaded));
                messages.load(message(messages.firstUnloaded()));
                loaded++;
            } else if (!model.isEmpty()) {
                int index = loaded > 0 && random.nextInt(4) == 0 ? random.nextInt(Math.min(5, loaded)) : 0;
                if (index < loaded) {
                    assertThat(messages.indexOf(model.get(index), loaded)).isEqualTo(index);
                    loaded--;
                }
                messages.remove(index);
                model.remove(index);
            }
            assertThat(messages.size()).isEqualTo(model.size());
            assertThat(messages.loaded()).isEqualTo(loaded);
            if (!model.isEmpty()) {
                assertThat(messages.firstPosition()).isEqualTo(model.get(0));
                assertThat(messages.lastPosition()).isEqualTo(model.get(model.size() - 1));
            }
            for (int index = 0; index < Math.min(3, loaded); index++) {
                assertThat(messages.position(index)).isEqualTo(model.get(index));
                assertThat(messages.message(index).queueOffset()).isEqualTo(Position.queueOffset(model.get(index)));
            }
            if (step % 500 == 0) {
                assertThat(Arrays.stream(messages.positions()).boxed().toList()).isEqualTo(model);
            }
        }
    }

    @Test
    void takesAtMostFourBytesForAWaitingMessageOfABusyQueue() {
        PendingMessages messages = new PendingMessages();
        for (long i = 0; i < 10_000; i++) {
            messages.addLast(Position.of(3, i * 10_000)); // 10,000 other lite topics in between
        }

        assertThat(messages.indexBytes()).isLessThan(10_000 * 4);
    }

    @Test
    void costsNothingWhenEmptyAgain() {
        PendingMessages messages = new PendingMessages();
        for (long i = 0; i < 1_000; i++) {
            messages.addLast(Position.of(0, i));
        }

        for (int i = 0; i < 1_000; i++) {
            messages.remove(0);
        }

        assertThat(messages.isEmpty()).isTrue();
        assertThat(messages.indexBytes()).isZero();
    }

    @Test
    void cutsTheLaterHalfButOnlyOfOneQueue() {
        PendingMessages messages = new PendingMessages();
        for (long i = 0; i < 2_000; i++) {
            messages.addLast(Position.of(0, i));
        }
        for (long i = 0; i < 300; i++) {
            messages.addLast(Position.of(1, i));
        }

        PendingMessages.Cut cut = messages.cutLaterHalf();

        assertThat(cut).isNotNull();
        assertThat(cut.firstPosition()).isEqualTo(Position.of(1, 0));
        assertThat(cut.count()).isEqualTo(300);
        assertThat(messages.lastPosition()).isEqualTo(Position.of(0, 1_999));
    }

    @Test
    void findsPositionsWithinTheLimitOnly() {
        PendingMessages messages = new PendingMessages();
        messages.addLast(10, message(10));
        messages.addLast(11, message(11));

        assertThat(messages.indexOf(11, 2)).isEqualTo(1);
        assertThat(messages.indexOf(11, 1)).isEqualTo(-1);
        assertThat(messages.indexOf(12, 9)).isEqualTo(-1);
    }

    @Test
    void refusesABodyBehindMessagesWithout() {
        PendingMessages messages = new PendingMessages();
        messages.addLast(10);

        assertThatThrownBy(() -> messages.addLast(11, message(11))).isInstanceOf(IllegalStateException.class);
    }

    private static BrokerMessage message(long position) {
        return new BrokerMessage(Position.queueOffset(position), "t", 0, 10, "");
    }
}
