@NullMarked
package io.litetopic.proxy.runtime;

import org.jspecify.annotations.NullMarked;
