package io.litetopic.cli.bench;

import io.litetopic.cli.bench.model.Load;
import io.litetopic.cli.bench.model.Peer;
import io.litetopic.testkit.ProxyMode;
import java.nio.file.Path;
import java.util.Set;

/**
 * What the user asked for.
 *
 * @param loads in the order of {@link Load}
 * @param cases a part of the names of the cases to run; empty for all
 * @param modes together with the peers decides which systems take part; at least one does
 * @param repetitions at least 1
 * @param report folder for the reports and logs; exists
 */
public record BenchOptions(
        Set<Load> loads,
        String cases,
        Set<Peer> peers,
        Set<ProxyMode> modes,
        boolean quick,
        int repetitions,
        Path report) {}
