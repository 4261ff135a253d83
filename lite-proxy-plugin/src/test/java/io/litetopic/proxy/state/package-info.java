@NullMarked
package io.litetopic.proxy.state;

import org.jspecify.annotations.NullMarked;
