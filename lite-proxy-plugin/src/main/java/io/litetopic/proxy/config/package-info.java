/**
 * The operator's YAML file: its types, its limits and its errors. Owns nothing at run time; a loaded configuration is
 * immutable. Reads one file and does no other I/O. Read {@link io.litetopic.proxy.config.PluginConfig} first, then
 * {@link io.litetopic.proxy.config.PluginConfigLoader}.
 */
@NullMarked
package io.litetopic.proxy.config;

import org.jspecify.annotations.NullMarked;
