/**
 * Entry point of the plugin inside the proxy: configuration, and start and stop order. Read
 * {@link io.litetopic.proxy.LitePlugin} first.
 */
@NullMarked
package io.litetopic.proxy;

import org.jspecify.annotations.NullMarked;
