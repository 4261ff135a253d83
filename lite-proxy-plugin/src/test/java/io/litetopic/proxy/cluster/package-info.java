@NullMarked
package io.litetopic.proxy.cluster;

import org.jspecify.annotations.NullMarked;
