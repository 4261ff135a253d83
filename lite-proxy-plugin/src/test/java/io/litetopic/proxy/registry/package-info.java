@NullMarked
package io.litetopic.proxy.registry;

import org.jspecify.annotations.NullMarked;
