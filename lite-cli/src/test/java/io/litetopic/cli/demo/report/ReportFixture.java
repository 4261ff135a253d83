package io.litetopic.cli.demo.report;

import io.litetopic.cli.demo.load.LoadProfile;
import io.litetopic.cli.demo.load.LoadSchedule;
import io.litetopic.cli.demo.load.Request;
import io.litetopic.cli.demo.measure.DeliveryChecker;
import io.litetopic.cli.demo.measure.RunKind;
import io.litetopic.cli.demo.measure.RunMeasurement;
import io.litetopic.cli.demo.measure.RunResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Made-up results with a shape like real ones: nobody served them, they only have to be drawn. */
final class ReportFixture {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final LoadProfile profile = LoadProfile.gateway(Duration.ofSeconds(3), Duration.ofSeconds(20), 20);

    ReportData data(DeliveryChecker.Totals delivery, RunKind... kinds) {
        List<RunResult> results = new ArrayList<>();
        for (RunKind kind : kinds) {
            results.add(result(kind, delivery));
        }
        return new ReportData(profile, results, Map.of("LiteTopic", "0.1 <snapshot>"), "2026-01-02T03:04:05Z");
    }

    ReportData soundData(RunKind... kinds) {
        return data(new DeliveryChecker.Totals(15_000, 15_000, 0, 0, 0), kinds);
    }

    private RunResult result(RunKind kind, DeliveryChecker.Totals delivery) {
        LoadSchedule schedule = LoadSchedule.of(profile, kind.withFlooding());
        RunMeasurement measurement = new RunMeasurement(profile, schedule);
        for (Request request : schedule.requests()) {
            measurement.served(request, request.dueNanos() + latencyNanos(kind, request));
        }
        for (long now = 3 * SECOND; now < 23 * SECOND; now += SECOND / 50) {
            measurement.sampleThreads(kind == RunKind.BEFORE ? 5 : 2, kind == RunKind.BEFORE ? 3 : 0, now);
        }
        return measurement.result(kind, kind == RunKind.BEFORE ? 240 : 2, 0, delivery, 4.2);
    }

    private long latencyNanos(RunKind kind, Request request) {
        long own = TimeUnit.MICROSECONDS.toNanos(request.inferenceMicros()) + SECOND / 200;
        boolean flooding = profile.tenants().get(request.tenant()).flooding();
        if (flooding || (kind == RunKind.BEFORE && request.tenant() % 3 == 0)) {
            return own + (profile.length().toNanos() - request.dueNanos());
        }
        return own;
    }
}
