package io.litetopic.cli.bench.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LoadTest {
    private static final Contender SDK = new Contender(SystemKind.OURS_CLUSTER, ClientKind.SDK);
    private static final Contender OFFICIAL = new Contender(SystemKind.OURS_CLUSTER, ClientKind.OFFICIAL);
    private static final Contender FIFO = new Contender(SystemKind.FIFO_CLUSTER, ClientKind.OFFICIAL);
    private static final Contender NATIVE = new Contender(SystemKind.NATIVE, ClientKind.OFFICIAL);

    @ParameterizedTest
    @EnumSource(Load.class)
    void hasCasesWithDifferentNamesInBothSizes(Load load) {
        for (Size size : List.of(new Size(true, false), new Size(false, true), new Size(false, false))) {
            assertThat(load.cases(size)).isNotEmpty().extracting(LoadCase::name).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @EnumSource(Load.class)
    void isFoundByItsKey(Load load) {
        assertThat(Load.of(load.key())).hasValue(load);
        assertThat(Load.of("nothing")).isEmpty();
    }

    @Test
    void leavesOutWhatAClientCannotDo() {
        assertThat(Load.RESUME.obstacle(SDK)).isEmpty();
        assertThat(Load.RESUME.obstacle(OFFICIAL))
                .hasValueSatisfying(text -> assertThat(text).contains("suspend"));
        assertThat(Load.MILLION.obstacle(FIFO)).isEmpty();
        assertThat(Load.MILLION.obstacle(NATIVE)).isPresent();
        assertThat(Arrays.stream(Load.values())
                        .filter(load -> load.obstacle(SDK).isPresent()))
                .isEmpty();
    }

    @Test
    void namesAMissingParameter() {
        assertThatThrownBy(() -> spec().number("speed"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("speed")
                .hasMessageContaining("liteTopics");
    }

    @Test
    void travelsAsJson() {
        Gson gson = new Gson();

        assertThat(gson.fromJson(gson.toJson(spec()), CaseSpec.class)).isEqualTo(spec());
    }

    private static CaseSpec spec() {
        return new CaseSpec(
                Load.IDLE,
                "a case",
                SDK,
                "127.0.0.1:8081",
                "127.0.0.1:10911",
                "topic",
                "group",
                8,
                1,
                Map.of("proxy", 4711L),
                Map.of("liteTopics", 5L));
    }
}
