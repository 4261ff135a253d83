package io.litetopic.lite.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.ConsumeResultSuspend;
import io.litetopic.lite.MessageListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class RetryAfterPolicyTest {

    /** What a client of a provider throws for HTTP 429. */
    private static final class TooManyRequestsException extends RuntimeException {
        final Duration retryAfter;

        TooManyRequestsException(Duration retryAfter) {
            super("429");
            this.retryAfter = retryAfter;
        }
    }

    private final ManualPolicyClock clock = new ManualPolicyClock();
    private final Random random = new Random(1);
    private final RetryAfterPolicy policy = new RetryAfterPolicy(
            failure -> failure instanceof TooManyRequestsException later
                    ? Optional.of(later.retryAfter)
                    : Optional.empty(),
            clock,
            random::nextDouble);

    @Test
    void suspendsForWhatTheProviderSaidAndALittleLonger() {
        MessageListener listener = policy.jitter(0.2).around(later(Duration.ofSeconds(10)));

        List<Duration> times = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            times.add(suspendTime(listener.consume(TestMessage.of("a"))));
        }

        assertThat(times)
                .allSatisfy(time -> assertThat(time).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(12)));
        assertThat(times.stream().distinct()).hasSizeGreaterThan(50);
    }

    @Test
    void withoutJitterTheTimeIsExact() {
        RetryAfterPolicy exact = policy.jitter(0);

        assertThat(suspendTime(exact.around(later(Duration.ofSeconds(10))).consume(TestMessage.of("a"))))
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(suspendTime(exact.around(later(Duration.ZERO)).consume(TestMessage.of("a"))))
                .isEqualTo(Duration.ofMillis(1));
        assertThat(suspendTime(exact.upTo(Duration.ofMinutes(5))
                        .around(later(Duration.ofDays(1000)))
                        .consume(TestMessage.of("a"))))
                .isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void otherExceptionsAndResultsArePassedOn() {
        IllegalStateException defect = new IllegalStateException("defect");
        MessageListener failing = policy.around(message -> {
            throw defect;
        });

        assertThatThrownBy(() -> failing.consume(TestMessage.of("a"))).isSameAs(defect);
        assertThat(policy.around(message -> ConsumeResult.FAILURE).consume(TestMessage.of("a")))
                .isEqualTo(ConsumeResult.FAILURE);
        CompletableFuture<ConsumeResult> failed = policy.aroundAsync(message -> CompletableFuture.supplyAsync(() -> {
                    throw defect;
                }))
                .consume(TestMessage.of("a"))
                .toCompletableFuture();
        assertThatThrownBy(failed::join).isInstanceOf(CompletionException.class).hasCause(defect);
    }

    @Test
    void failureOfAStageIsSeenWithoutItsWrapping() {
        ConsumeResult result = policy.jitter(0)
                .aroundAsync(message -> CompletableFuture.<ConsumeResult>supplyAsync(() -> {
                            throw new TooManyRequestsException(Duration.ofSeconds(2));
                        })
                        .thenApply(value -> value))
                .consume(TestMessage.of("a"))
                .toCompletableFuture()
                .join();

        assertThat(suspendTime(result)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void afterTheMaximumOfSuspendsAMessageFails() {
        MessageListener listener = policy.jitter(0).maxSuspends(2).around(later(Duration.ofSeconds(1)));

        for (int i = 0; i < 2; i++) {
            assertThat(listener.consume(new TestMessage("a", "1"))).hasToString("SUSPEND(PT1S)");
        }
        assertThatThrownBy(() -> listener.consume(new TestMessage("a", "1"))).hasMessage("429");
        assertThatThrownBy(() -> listener.consume(new TestMessage("a", "1"))).hasMessage("429");

        assertThat(listener.consume(new TestMessage("b", "2"))).hasToString("SUSPEND(PT1S)");
        assertThat(listener.consume(new TestMessage("a", "3"))).hasToString("SUSPEND(PT1S)");
    }

    @Test
    void oneAnswerHoldsBackAllThatShareTheProvider() {
        List<String> called = new ArrayList<>();
        MessageListener listener = policy.jitter(0.5)
                .sharedBy(liteTopic -> liteTopic.substring(0, 1))
                .around(message -> {
                    String liteTopic = message.getLiteTopic().orElseThrow();
                    called.add(liteTopic);
                    if (called.equals(List.of("a1"))) {
                        throw new TooManyRequestsException(Duration.ofSeconds(10));
                    }
                    return ConsumeResult.SUCCESS;
                });

        assertThat(suspendTime(listener.consume(TestMessage.of("a1"))))
                .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(15));
        clock.advance(Duration.ofSeconds(4));
        assertThat(suspendTime(listener.consume(TestMessage.of("a2"))))
                .isBetween(Duration.ofSeconds(6), Duration.ofSeconds(11));
        assertThat(listener.consume(TestMessage.of("b1"))).isEqualTo(ConsumeResult.SUCCESS);
        clock.advance(Duration.ofSeconds(6));
        assertThat(listener.consume(TestMessage.of("a2"))).isEqualTo(ConsumeResult.SUCCESS);
        assertThat(called).containsExactly("a1", "b1", "a2");
    }

    @Test
    void defectOfTheFunctionIsSeenWithTheFailure() {
        IllegalStateException failure = new IllegalStateException("handler");
        MessageListener listener = LitePolicies.retryAfter(cause -> {
                    throw new IllegalArgumentException("function");
                })
                .around(message -> {
                    throw failure;
                });

        assertThatThrownBy(() -> listener.consume(TestMessage.of("a"))).isSameAs(failure);
        assertThat(failure.getSuppressed())
                .hasSize(1)
                .allSatisfy(defect -> assertThat(defect).hasMessage("function"));
    }

    @Test
    void whatIsOverIsForgotten() {
        RetryAfterPolicy shared = policy.maxSuspends(5).sharedBy(liteTopic -> liteTopic);
        MessageListener listener = shared.around(later(Duration.ofSeconds(1)));
        for (int i = 0; i < 1_000; i++) {
            listener.consume(TestMessage.of("topic-" + i));
        }
        assertThat(shared.keys()).isEqualTo(2_000);

        clock.advance(Duration.ofHours(2));
        for (int i = 0; i < 200; i++) {
            clock.advance(Duration.ofSeconds(20));
            listener.consume(new TestMessage("later", "message-" + i));
        }

        assertThat(shared.keys()).isEqualTo(2);
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        assertThatThrownBy(() -> policy.jitter(1.1)).hasMessageContaining("fraction=1.1");
        assertThatThrownBy(() -> policy.jitter(Double.NaN)).hasMessageContaining("fraction=NaN");
        assertThatThrownBy(() -> policy.upTo(Duration.ZERO)).hasMessageContaining("longest=PT0S");
        assertThatThrownBy(() -> policy.maxSuspends(0)).hasMessageContaining("count=0");
    }

    private static MessageListener later(Duration retryAfter) {
        return message -> {
            throw new TooManyRequestsException(retryAfter);
        };
    }

    private static Duration suspendTime(ConsumeResult result) {
        assertThat(result).isInstanceOf(ConsumeResultSuspend.class);
        return ((ConsumeResultSuspend) result).getSuspendTime();
    }
}
