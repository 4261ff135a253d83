/**
 * The load: who sends what when, fixed by a seed before a run starts, and the open-loop generator that sends it on time.
 * Knows nothing of RocketMQ. Read {@link io.litetopic.cli.demo.load.LoadSchedule} first.
 */
@NullMarked
package io.litetopic.cli.demo.load;

import org.jspecify.annotations.NullMarked;
