package io.litetopic.cli.demo.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.litetopic.cli.demo.load.LoadProfile;
import io.litetopic.cli.demo.load.LoadSchedule;
import io.litetopic.cli.demo.load.Request;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LiveViewTest {
    private final LoadProfile profile = LoadProfile.gateway(Duration.ZERO, Duration.ofSeconds(5), 1);
    private final LoadSchedule schedule = LoadSchedule.of(profile, true);
    private final DeliveryChecker checker =
            new DeliveryChecker(schedule.tenants().size());
    private final LiveView view = new LiveView(schedule, checker);

    @Test
    void showsHowManyWaitAndHowLongTheOldestDoes() {
        long now = Duration.ofSeconds(1).toNanos();
        Request oldest = schedule.requests().stream()
                .filter(request -> !profile.tenants().get(request.tenant()).flooding())
                .findFirst()
                .orElseThrow();
        long due = schedule.requests().stream()
                .filter(request -> !profile.tenants().get(request.tenant()).flooding())
                .filter(request -> request.dueNanos() <= now)
                .count();

        LiveView.Snapshot snapshot = view.look(now);

        assertThat(snapshot.waiting()).isEqualTo(due);
        assertThat(snapshot.oldestMillis()).isCloseTo((now - oldest.dueNanos()) / 1e6, within(0.001));
        assertThat(snapshot.wellBehavedP99Millis()).isNull();
    }

    @Test
    void showsNobodyWaitingOnceAllAreServed() {
        schedule.requests().forEach(request -> {
            checker.begin(request.tenant(), request.sequence());
            checker.end(request.tenant(), request.sequence());
            view.served(request, request.dueNanos() + Duration.ofMillis(40).toNanos());
        });

        LiveView.Snapshot snapshot = view.look(profile.length().toNanos());

        assertThat(snapshot.waiting()).isZero();
        assertThat(snapshot.oldestMillis()).isZero();
        assertThat(snapshot.wellBehavedP99Millis()).isCloseTo(40, within(0.1));
        assertThat(snapshot.floodingServed()).isPositive();
    }

    @Test
    void beginsAfreshWithEachLook() {
        view.served(schedule.requests().get(0), Duration.ofSeconds(1).toNanos());
        view.look(0);

        assertThat(view.look(0).wellBehavedP99Millis()).isNull();
        assertThat(view.look(0).floodingServed()).isZero();
    }
}
