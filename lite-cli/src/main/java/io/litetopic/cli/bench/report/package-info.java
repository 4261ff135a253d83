/**
 * The results as text, JSON and a web page: medians over the repetitions with their spread, and ratios to the other systems. Read
 * {@link io.litetopic.cli.bench.report.Comparison} first.
 */
@NullMarked
package io.litetopic.cli.bench.report;

import org.jspecify.annotations.NullMarked;
