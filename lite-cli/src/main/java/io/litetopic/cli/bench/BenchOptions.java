package io.litetopic.cli.bench;

import io.litetopic.cli.bench.model.Contender;
import io.litetopic.cli.bench.model.Load;
import io.litetopic.cli.bench.model.Size;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What the user asked for.
 *
 * @param loads in the order of {@link Load}
 * @param cases a part of the names of the cases to run; empty for all
 * @param contenders in the order of the report; at least one
 * @param size of the loads
 * @param repetitions at least 1
 * @param report folder for the reports and logs; exists
 */
public record BenchOptions(
        Set<Load> loads, String cases, List<Contender> contenders, Size size, int repetitions, Path report) {}
