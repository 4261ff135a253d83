/**
 * Parts of self-contained HTML reports: charts as inline SVG, figures as people read them. Knows nothing of what is shown. Read
 * {@link io.litetopic.cli.chart.LineChart} first.
 */
@NullMarked
package io.litetopic.cli.chart;

import org.jspecify.annotations.NullMarked;
