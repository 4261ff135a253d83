@NullMarked
package io.litetopic.proxy.journal;

import org.jspecify.annotations.NullMarked;
