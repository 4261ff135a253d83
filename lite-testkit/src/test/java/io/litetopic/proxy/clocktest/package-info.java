/** What the clock agent of the testkit is tried on. */
@NullMarked
package io.litetopic.proxy.clocktest;

import org.jspecify.annotations.NullMarked;
