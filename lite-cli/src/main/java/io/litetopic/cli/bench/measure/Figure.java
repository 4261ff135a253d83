package io.litetopic.cli.bench.measure;

/**
 * One measured number.
 *
 * @param name what it is, the same in all runs of a load; starts in lower case
 * @param unit how it is shown
 */
public record Figure(String name, Unit unit, double value) {
    /** What the number counts, and whether more of it is good. */
    public enum Unit {
        MESSAGES_PER_SECOND("msg/s", true),
        MILLISECONDS("ms", false),
        SECONDS("s", false),
        CPU_MICROSECONDS_PER_MESSAGE("µs/msg", false),
        MEBIBYTES("MiB", false),
        BYTES("B", false),
        PERCENT_OF_A_CORE("% of a core", false),
        PERCENT_BUSY("% busy", true),
        COUNT("", false);

        private final String symbol;
        private final boolean moreIsBetter;

        Unit(String symbol, boolean moreIsBetter) {
            this.symbol = symbol;
            this.moreIsBetter = moreIsBetter;
        }

        /** As written behind the number; may be empty. */
        public String symbol() {
            return symbol;
        }

        public boolean moreIsBetter() {
            return moreIsBetter;
        }

        /** Whether it says something to divide two of them: not for differences around zero and numbers of values. */
        public boolean hasRatio() {
            return this != COUNT && this != BYTES;
        }
    }
}
