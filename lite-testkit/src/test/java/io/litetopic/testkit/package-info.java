/**
 * Tests of the testkit. Classes that end in {@code IT} start real clusters; {@link
 * io.litetopic.testkit.OfficialClient} is how they talk to them.
 */
@NullMarked
package io.litetopic.testkit;

import org.jspecify.annotations.NullMarked;
