/**
 * What is measured in a benchmark run: delivery (nothing lost, repeated or out of order), latencies, processor time and memory of
 * processes, and the statistics over repetitions. Starts no threads. Read {@link io.litetopic.cli.bench.measure.DeliveryLedger}
 * first.
 */
@NullMarked
package io.litetopic.cli.bench.measure;

import org.jspecify.annotations.NullMarked;
