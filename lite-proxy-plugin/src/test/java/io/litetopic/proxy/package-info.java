@NullMarked
package io.litetopic.proxy;

import org.jspecify.annotations.NullMarked;
