/**
 * How fast the dispatch engine is and how much memory it needs. Each JMH class answers one question and says with which command;
 * {@link io.litetopic.benchmarks.MemoryFootprint} is a program of its own. Nothing here runs in a build, and nothing depends on it.
 * Read {@link io.litetopic.benchmarks.DrivenGroup} first: it is what all of them drive.
 */
@NullMarked
package io.litetopic.benchmarks;

import org.jspecify.annotations.NullMarked;
