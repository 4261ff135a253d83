package io.litetopic.cli.demo;

import io.litetopic.cli.demo.measure.RunKind;
import java.nio.file.Path;
import java.util.Set;

/**
 * What the user chose.
 *
 * @param seconds length of the measured window of each run
 * @param reportDirectory where the report goes; created if missing
 * @param seed of the load
 * @param runs which runs to do, at least one
 */
public record DemoOptions(int seconds, Path reportDirectory, long seed, Set<RunKind> runs) {}
