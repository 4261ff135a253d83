/**
 * The command line behind {@code bin/lite}: what the options are, what is printed where, and which exit code ends it.
 * Does no messaging itself: that is {@link io.litetopic.cli.demo}. Read {@link io.litetopic.cli.LiteMain} first.
 */
@NullMarked
package io.litetopic.cli;

import org.jspecify.annotations.NullMarked;
