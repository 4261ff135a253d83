package io.litetopic.cli.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AxisTest {

    @Test
    void endsALinearAxisAtARoundNumber() {
        Axis axis = Axis.linear(23, Double::toString);

        assertThat(axis.ticks()).extracting(Axis.Tick::value).containsExactly(0.0, 5.0, 10.0, 15.0, 20.0, 25.0);
        assertThat(axis.position(12.5)).isEqualTo(0.5);
    }

    @Test
    void coversWholeDecadesOnALogarithmicAxis() {
        Axis axis = Axis.decades(12, 4_300, Double::toString);

        assertThat(axis.min()).isEqualTo(10);
        assertThat(axis.max()).isEqualTo(10_000);
        assertThat(axis.position(100)).isCloseTo(1 / 3.0, within(1e-9));
    }

    @Test
    void givesASingleValueADecadeOfItsOwn() {
        Axis axis = Axis.decades(10, 10, Double::toString);

        assertThat(axis.ticks()).extracting(Axis.Tick::value).containsExactly(10.0, 100.0);
    }

    @Test
    void holdsValuesOutsideAtTheEnds() {
        Axis axis = Axis.decades(10, 100, Double::toString);

        assertThat(axis.position(0.001)).isZero();
        assertThat(axis.position(1e9)).isEqualTo(1);
    }

    @Test
    void stretchesPercentilesTowardsTheTail() {
        Axis axis = Axis.percentiles(99.9);

        assertThat(axis.ticks()).extracting(Axis.Tick::label).containsExactly("0 %", "90 %", "99 %", "99.9 %");
        assertThat(axis.position(Axis.tail(90))).isCloseTo(1 / 3.0, within(1e-9));
    }
}
