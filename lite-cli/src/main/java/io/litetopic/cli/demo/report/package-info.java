/**
 * Turns results into the table on the terminal, {@code index.html} and {@code results.json}. Pure functions of the results.
 * Read {@link io.litetopic.cli.demo.report.ReportWriter} first.
 */
@NullMarked
package io.litetopic.cli.demo.report;

import org.jspecify.annotations.NullMarked;
