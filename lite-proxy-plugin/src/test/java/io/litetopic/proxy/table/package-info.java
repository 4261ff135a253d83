@NullMarked
package io.litetopic.proxy.table;

import org.jspecify.annotations.NullMarked;
