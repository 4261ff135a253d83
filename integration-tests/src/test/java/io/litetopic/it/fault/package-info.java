/**
 * Lite topics under faults: traffic that never pauses, a seeded schedule of faults, and a checker that hears of every send, delivery and
 * settlement. Read {@link io.litetopic.it.fault.Checker} first; {@link io.litetopic.it.fault.FaultIT} puts it together.
 */
@NullMarked
package io.litetopic.it.fault;

import org.jspecify.annotations.NullMarked;
