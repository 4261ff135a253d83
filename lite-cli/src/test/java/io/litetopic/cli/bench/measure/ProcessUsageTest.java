package io.litetopic.cli.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProcessUsageTest {
    @Test
    void addsUserAndSystemTimeWhateverTheProgramIsCalled() {
        String stat = "4711 (a ) b) S 1 4711 4711 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 30 0 100 1 2";

        assertThat(ProcessUsage.cpuSeconds(stat)).isEqualTo(3.0);
    }

    @Test
    void findsThePeakOfTheResidentMemory() {
        assertThat(ProcessUsage.peakBytes("Name:\tjava\nVmPeak:\t 999 kB\nVmHWM:\t  2048 kB\nVmRSS:\t 1024 kB\n"))
                .isEqualTo(2 << 20);
    }

    @Test
    void looksAtARunningProcess() {
        ProcessUsage usage = ProcessUsage.of(ProcessHandle.current().pid());

        assertThat(usage.cpuSeconds()).isPositive();
        assertThat(usage.peakBytes()).isGreaterThan(1 << 20);
    }

    @Test
    void saysThatAProcessIsGone() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();

        assertThatThrownBy(() -> ProcessUsage.of(process.pid()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("process " + process.pid())
                .hasMessageContaining("has ended");
    }
}
