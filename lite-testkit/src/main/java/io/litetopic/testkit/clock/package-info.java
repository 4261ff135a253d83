/**
 * A Java agent that lets tests shift the wall clock of the plugin in a running proxy: {@link
 * io.litetopic.testkit.clock.ClockAgent}. Its classes run in the proxy's JVM, so they use the JDK only. Not API.
 */
@NullMarked
package io.litetopic.testkit.clock;

import org.jspecify.annotations.NullMarked;
