package io.litetopic.cli.demo.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadScheduleTest {
    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final Duration WINDOW = Duration.ofSeconds(60);

    private final LoadProfile profile = LoadProfile.gateway(WARM_UP, WINDOW, 7);

    @Test
    void isTheSameForTheSameSeed() {
        LoadSchedule first = LoadSchedule.of(profile, true);
        LoadSchedule second = LoadSchedule.of(LoadProfile.gateway(WARM_UP, WINDOW, 7), true);

        assertThat(first.requests()).isEqualTo(second.requests());
    }

    @Test
    void differsForAnotherSeed() {
        LoadSchedule other = LoadSchedule.of(LoadProfile.gateway(WARM_UP, WINDOW, 8), true);

        assertThat(other.requests()).isNotEqualTo(LoadSchedule.of(profile, true).requests());
    }

    @Test
    void leavesWellBehavedTenantsAsTheyAreWhenTheFloodIsLeftOut() {
        List<Request> quiet = LoadSchedule.of(profile, false).requests();
        List<Request> wellBehavedOfAll = LoadSchedule.of(profile, true).requests().stream()
                .filter(request -> !profile.tenants().get(request.tenant()).flooding())
                .toList();

        assertThat(quiet).isEqualTo(wellBehavedOfAll);
    }

    @Test
    void numbersEachTenantsRequestsFromZeroInOrderOfTime() {
        LoadSchedule schedule = LoadSchedule.of(profile, true);

        assertThat(schedule.requests()).extracting(Request::dueNanos).isSorted();
        for (Tenant tenant : schedule.tenants()) {
            List<Integer> sequence = schedule.requests().stream()
                    .filter(request -> request.tenant() == tenant.index())
                    .map(Request::sequence)
                    .toList();
            assertThat(sequence).first().isEqualTo(0);
            assertThat(sequence).last().isEqualTo(sequence.size() - 1);
            assertThat(sequence).isSorted().doesNotHaveDuplicates();
        }
    }

    @Test
    void keepsTheRatesOfTheProfile() {
        LoadSchedule schedule = LoadSchedule.of(profile, true);
        double seconds = profile.length().toSeconds();

        double wellBehaved = count(schedule, false) / seconds / profile.wellBehavedTenants();
        double flooding = count(schedule, true) / seconds / profile.floodingTenants();

        assertThat(wellBehaved).isCloseTo(profile.wellBehavedRate(), within(0.3));
        assertThat(flooding).isCloseTo(profile.floodingRate(), within(5.0));
    }

    @Test
    void drawsInferenceTimesAroundTheMedianWithinTheLimit() {
        List<Integer> micros = LoadSchedule.of(profile, true).requests().stream()
                .map(Request::inferenceMicros)
                .sorted()
                .toList();

        assertThat(micros.get(micros.size() / 2)).isCloseTo(20_000, within(500));
        assertThat(micros).allMatch(value -> value > 0 && value <= 250_000);
    }

    @Test
    void endsWithTheWindow() {
        assertThat(LoadSchedule.of(profile, true).requests())
                .allMatch(request -> request.dueNanos() < profile.length().toNanos());
    }

    private long count(LoadSchedule schedule, boolean flooding) {
        return schedule.requests().stream()
                .filter(request -> profile.tenants().get(request.tenant()).flooding() == flooding)
                .count();
    }
}
