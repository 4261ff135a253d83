package io.litetopic.cli.bench.model;

/**
 * How much of a load is done.
 *
 * @param quick for a look instead of for publication
 * @param c1 whether all processes use the quick compiler of the JVM only: they are warm in seconds, and cost more from then on
 */
public record Size(boolean quick, boolean c1) {
    /** The optimizing compiler of four processes on few cores takes minutes. */
    int warmUpSeconds() {
        return quick ? 3 : c1 ? 20 : 120;
    }
}
