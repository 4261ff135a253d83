package io.litetopic.cli.bench;

import io.litetopic.testkit.ProxyMode;
import java.nio.file.Path;
import java.util.Set;

/**
 * What the user asked for.
 *
 * @param loads in the order of {@link Load}
 * @param modes together with the peers decides which systems take part; at least one does
 * @param repetitions at least 1
 * @param report folder for the reports and logs; exists
 */
public record BenchOptions(
        Set<Load> loads, Set<Peer> peers, Set<ProxyMode> modes, boolean quick, int repetitions, Path report) {}
