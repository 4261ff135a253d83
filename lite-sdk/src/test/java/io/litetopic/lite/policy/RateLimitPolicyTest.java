package io.litetopic.lite.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.MessageListener;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class RateLimitPolicyTest {

    private final ManualPolicyClock clock = new ManualPolicyClock();

    @Test
    void letsABurstThroughAndSuspendsUntilTheNextPermit() {
        MessageListener listener = perLiteTopic(liteTopic -> Rate.perSecond(10).withBurst(2));

        assertThat(ask(listener, "a")).isZero();
        assertThat(ask(listener, "a")).isZero();
        assertThat(ask(listener, "a")).isEqualTo(Duration.ofMillis(100));

        clock.advance(Duration.ofMillis(40));
        assertThat(ask(listener, "a")).as("asked again too early").isEqualTo(Duration.ofMillis(60));

        clock.advance(Duration.ofMillis(60));
        assertThat(ask(listener, "a")).isZero();
    }

    @Test
    void roundsUpSoThatThePermitIsThere() {
        MessageListener listener =
                perLiteTopic(liteTopic -> Rate.of(3, Duration.ofSeconds(1)).withBurst(1));
        for (int i = 0; i < 1_000; i++) {
            assertThat(ask(listener, "a")).as("permit %d", i).isZero();
            Duration wait = ask(listener, "a");
            assertThat(wait).isBetween(Duration.ofMillis(333), Duration.ofMillis(334));
            clock.advance(wait);
        }
    }

    @Test
    void liteTopicsHaveTheirOwnRates() {
        Map<String, Rate> rates =
                Map.of("calm", Rate.perSecond(1), "busy", Rate.perSecond(100).withBurst(1));
        MessageListener listener = perLiteTopic(liteTopic -> rates.getOrDefault(liteTopic, Rate.UNLIMITED));

        assertThat(ask(listener, "calm")).isZero();
        assertThat(ask(listener, "calm")).isEqualTo(Duration.ofSeconds(1));
        assertThat(ask(listener, "busy")).isZero();
        assertThat(ask(listener, "busy")).isEqualTo(Duration.ofMillis(10));
        for (int i = 0; i < 1_000; i++) {
            assertThat(ask(listener, "free")).isZero();
        }
    }

    @Test
    void rateThatHasChangedCountsFromTheNextDeliveryOn() {
        Map<String, Rate> rates = new HashMap<>(Map.of("a", Rate.perSecond(1)));
        MessageListener listener = perLiteTopic(rates::get);
        assertThat(ask(listener, "a")).isZero();

        rates.put("a", Rate.of(1, Duration.ofSeconds(10)));

        assertThat(ask(listener, "a")).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void liteTopicsThatShareARateComeBackOneByOneInTheOrderInWhichTheyCame() {
        MessageListener listener = ofAll(Rate.perSecond(10).withBurst(1));

        assertThat(ask(listener, "a")).isZero();
        assertThat(ask(listener, "b")).isEqualTo(Duration.ofMillis(100));
        assertThat(ask(listener, "c")).isEqualTo(Duration.ofMillis(200));
        clock.advance(Duration.ofMillis(100));
        assertThat(ask(listener, "a")).as("does not take what b waits for").isEqualTo(Duration.ofMillis(200));
        assertThat(ask(listener, "b")).isZero();
        clock.advance(Duration.ofMillis(100));
        assertThat(ask(listener, "c")).isZero();
    }

    @Test
    void permitOfALiteTopicThatDoesNotComeBackGoesToAnother() {
        MessageListener listener = ofAll(Rate.perSecond(10).withBurst(1));
        assertThat(ask(listener, "a")).isZero();
        assertThat(ask(listener, "gone")).isEqualTo(Duration.ofMillis(100));

        clock.advance(Duration.ofMillis(200));

        assertThat(ask(listener, "b")).isZero();
    }

    @Test
    void whoComesLateAndFindsNothingIsNextInLine() {
        MessageListener listener = ofAll(Rate.perSecond(10).withBurst(1));
        assertThat(ask(listener, "a")).isZero();
        assertThat(ask(listener, "late")).isEqualTo(Duration.ofMillis(100));
        clock.advance(Duration.ofMillis(250));
        assertThat(ask(listener, "b")).isZero();
        assertThat(ask(listener, "c")).isEqualTo(Duration.ofMillis(100));

        assertThat(ask(listener, "late")).isEqualTo(Duration.ofMillis(100));

        clock.advance(Duration.ofMillis(100));
        assertThat(ask(listener, "c")).as("came after late").isPositive();
        assertThat(ask(listener, "late")).isZero();
    }

    @Test
    void liteTopicsThatWereSeenOnceAreForgotten() {
        RateLimitPolicy policy = new RateLimitPolicy("test", name -> name, name -> Rate.perSecond(10), clock);
        MessageListener listener = policy.around(message -> ConsumeResult.SUCCESS);
        int most = 0;
        for (int i = 0; i < 200_000; i++) {
            ask(listener, "topic-" + i);
            clock.advance(Duration.ofNanos(500_000));
            most = Math.max(most, policy.keys());
        }
        assertThat(most).as("100 s in passes of 10 s").isLessThan(60_000);

        for (int i = 0; i < 200; i++) {
            clock.advance(Duration.ofSeconds(1));
            ask(listener, "later");
        }

        assertThat(policy.keys()).isEqualTo(1);
    }

    @Test
    void permitsInUseAreNotForgotten() {
        MessageListener listener = perLiteTopic(liteTopic -> Rate.of(2, Duration.ofHours(1)));
        assertThat(ask(listener, "a")).isZero();
        assertThat(ask(listener, "a")).isZero();

        for (int i = 0; i < 1_000; i++) {
            clock.advance(Duration.ofSeconds(1));
            ask(listener, "other-" + i);
        }

        assertThat(ask(listener, "a")).isEqualTo(Duration.ofSeconds(1800 - 1000));
    }

    @Test
    void refusesRatesThatMakeNoSense() {
        assertThatThrownBy(() -> Rate.of(0, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("permits=0")
                .hasMessageContaining("Rate.UNLIMITED");
        assertThatThrownBy(() -> Rate.of(1, Duration.ZERO)).hasMessageContaining("period=PT0S");
        assertThatThrownBy(() -> Rate.of(1, Duration.ofDays(366))).hasMessageContaining("max=PT8760H");
        assertThatThrownBy(() -> Rate.perSecond(1).withBurst(0)).hasMessageContaining("burst=0");
    }

    private MessageListener perLiteTopic(Function<String, Rate> rates) {
        return new RateLimitPolicy("test", name -> name, rates, clock).around(message -> ConsumeResult.SUCCESS);
    }

    private MessageListener ofAll(Rate rate) {
        return new RateLimitPolicy("test", name -> "all", name -> rate, clock).around(message -> ConsumeResult.SUCCESS);
    }

    /** How long the lite topic is suspended; zero if the message was handled. */
    private static Duration ask(MessageListener listener, String liteTopic) {
        ConsumeResult result = listener.consume(TestMessage.of(liteTopic));
        return result instanceof ConsumeResultSuspend suspend ? suspend.getSuspendTime() : Duration.ZERO;
    }
}
