/**
 * What is measured while a run goes on, and the checker that decides whether anything was lost, repeated or out of order.
 * Takes the time as an argument; starts no threads. Read
 * {@link io.litetopic.cli.demo.measure.RunMeasurement} first.
 */
@NullMarked
package io.litetopic.cli.demo.measure;

import org.jspecify.annotations.NullMarked;
