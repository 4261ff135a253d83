@NullMarked
package io.litetopic.proxy.timer;

import org.jspecify.annotations.NullMarked;
