/**
 * The whole-process benchmarks of {@code bin/lite bench}: starts each system from Maven artifacts, lets a load process work on it,
 * and collects what it says. Owns the order of the runs and the processes; the loads themselves are in {@code client}, which runs
 * in another process. Read {@link io.litetopic.cli.bench.Bench} first, then {@link io.litetopic.cli.bench.model.Load}.
 */
@NullMarked
package io.litetopic.cli.bench;

import org.jspecify.annotations.NullMarked;
