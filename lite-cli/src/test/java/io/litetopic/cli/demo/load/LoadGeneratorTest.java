package io.litetopic.cli.demo.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoadGeneratorTest {
    private static final Duration NOW = Duration.ZERO;

    private final LoadProfile profile = LoadProfile.gateway(Duration.ZERO, Duration.ofMillis(500), 3);
    private final LoadSchedule schedule = LoadSchedule.of(profile, true);
    private final LoadClock clock = new LoadClock();

    @Test
    void sendsEveryRequestOnceNotBeforeItIsDueAndInOrderPerTenant() throws InterruptedException {
        ConcurrentLinkedQueue<Request> sent = new ConcurrentLinkedQueue<>();
        AtomicInteger early = new AtomicInteger();
        try (LoadGenerator generator = new LoadGenerator(
                schedule,
                clock,
                request -> {
                    sent.add(request);
                    early.addAndGet(clock.nowNanos() < request.dueNanos() ? 1 : 0);
                    return CompletableFuture.completedFuture("ok");
                },
                (request, error) -> {})) {
            clock.start(NOW);
            generator.start();

            assertThat(generator.awaitSettled(20, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(early).hasValue(0);
        assertThat(sent).containsExactlyInAnyOrderElementsOf(schedule.requests());
        for (Tenant tenant : schedule.tenants()) {
            assertThat(sent.stream().filter(request -> request.tenant() == tenant.index()))
                    .isEqualTo(schedule.requests().stream()
                            .filter(request -> request.tenant() == tenant.index())
                            .toList());
        }
    }

    @Test
    void keepsOneSendPerTenantInFlightAndOthersGoOn() {
        Map<Integer, CompletableFuture<String>> inFlight = new ConcurrentHashMap<>();
        AtomicInteger overlaps = new AtomicInteger();
        int stuckTenant = schedule.tenants().size() - 1;
        List<Request> others = schedule.requests().stream()
                .filter(request -> request.tenant() != stuckTenant)
                .toList();
        ConcurrentLinkedQueue<Request> settled = new ConcurrentLinkedQueue<>();
        try (LoadGenerator generator = new LoadGenerator(
                schedule,
                clock,
                request -> {
                    if (request.tenant() != stuckTenant) {
                        return CompletableFuture.completedFuture("ok");
                    }
                    CompletableFuture<String> never = new CompletableFuture<>();
                    overlaps.addAndGet(inFlight.putIfAbsent(stuckTenant, never) == null ? 0 : 1);
                    return never;
                },
                (request, error) -> settled.add(request))) {
            clock.start(NOW);
            generator.start();

            await().until(() -> settled.size() == others.size());
        }

        assertThat(overlaps).hasValue(0);
        assertThat(settled).containsExactlyInAnyOrderElementsOf(others);
    }

    @Test
    void reportsEachFailedSendOnceAndGoesOn() throws InterruptedException {
        AtomicInteger failures = new AtomicInteger();
        AtomicInteger successes = new AtomicInteger();
        try (LoadGenerator generator = new LoadGenerator(
                schedule,
                clock,
                request -> {
                    if (request.sequence() % 2 == 0) {
                        throw new IllegalStateException("refused");
                    }
                    return CompletableFuture.failedFuture(new IllegalStateException("failed"));
                },
                (request, error) -> (error == null ? successes : failures).incrementAndGet())) {
            clock.start(NOW);
            generator.start();

            assertThat(generator.awaitSettled(20, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(successes).hasValue(0);
        assertThat(failures).hasValue(schedule.requests().size());
    }
}
