package io.litetopic.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.proxy.config.LimitsConfig;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClientLimitsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final ClientLimits limits = new ClientLimits(LimitsConfig.builder()
            .requestsPerSecond(10)
            .receivesPerClient(2)
            .receivesPerGroup(3)
            .namesPerRequest(5)
            .acksPerRequest(6)
            .requestBytes(2_000)
            .build());

    @Test
    void requestsBeyondTheRateAreRefused() {
        for (int i = 0; i < 10; i++) {
            limits.countRequest("c", 0);
        }

        assertThatThrownBy(() -> limits.countRequest("c", 0))
                .isInstanceOf(AccessException.class)
                .hasMessage("the client sends too many requests [clientId=c, max=10]; slow down, or raise"
                        + " limits.requestsPerSecond in the plugin's configuration");
        limits.countRequest("other", 0);
        limits.countRequest("c", SECOND / 10);
        assertThatThrownBy(() -> limits.countRequest("c", SECOND / 10)).isInstanceOf(AccessException.class);
    }

    @Test
    void aPauseGivesBackOneSecondOfRequestsAndNoMore() {
        int accepted = 0;
        for (int i = 0; i < 100; i++) {
            accepted += accepts(100 * SECOND);
        }
        for (int i = 0; i < 100; i++) {
            accepted += accepts(200 * SECOND);
        }

        assertThat(accepted).isEqualTo(20);
    }

    private int accepts(long nowNanos) {
        try {
            limits.countRequest("c", nowNanos);
            return 1;
        } catch (AccessException e) {
            return 0;
        }
    }

    @Test
    void waitingReceivesAreCountedPerClientAndGroup() {
        Runnable first = limits.receiveStarts("c", "g");
        limits.receiveStarts("c", "g");
        assertThatThrownBy(() -> limits.receiveStarts("c", "g")).hasMessageContaining("limits.receivesPerClient");
        Runnable third = limits.receiveStarts("d", "g");
        assertThatThrownBy(() -> limits.receiveStarts("e", "g"))
                .hasMessage("too many receive calls of consumer group g wait [clientId=e, max=3]; slow down, or raise"
                        + " limits.receivesPerGroup in the plugin's configuration");

        first.run();
        first.run();

        limits.receiveStarts("e", "g");
        assertThatThrownBy(() -> limits.receiveStarts("c", "g")).hasMessageContaining("limits.receivesPerGroup");
        third.run();
        limits.receiveStarts("c", "g");
    }

    @Test
    void sizesAreCheckedAtTheirLimit() {
        limits.checkNames(5);
        limits.checkAcks(6);
        limits.checkBytes(2_000);

        assertThatThrownBy(() -> limits.checkNames(6)).hasMessageContainingAll("liteTopics=6", "max=5", "split it");
        assertThatThrownBy(() -> limits.checkAcks(7)).hasMessageContainingAll("entries=7", "max=6", "split it");
        assertThatThrownBy(() -> limits.checkBytes(2_001)).hasMessageContainingAll("bytes=2001", "max=2000");
    }

    @Test
    void idleClientsAreForgotten() {
        for (int i = 0; i < 1_000; i++) {
            limits.countRequest("client-" + i, 0);
            limits.receiveStarts("receiver-" + i, "group-" + i).run();
        }
        assertThat(limits.size()).isEqualTo(1_000);

        limits.evictIdle((ClientLimits.IDLE_SECONDS + 1) * SECOND);

        assertThat(limits.size()).isZero();
    }
}
