/** Small helpers for futures and executors. No state. */
@NullMarked
package io.litetopic.proxy.concurrent;

import org.jspecify.annotations.NullMarked;
