@NullMarked
package io.litetopic.proxy.access;

import org.jspecify.annotations.NullMarked;
