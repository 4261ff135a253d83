/**
 * How the plugin gets into an unmodified proxy: a Java agent that replaces the proxy's generated protocol classes by newer ones
 * and hooks into four of its methods. Owns the life cycle of what it installs. It must never keep a JVM from starting: whatever
 * goes wrong here ends in one clear line and in stock behaviour. Read {@link io.litetopic.proxy.agent.LiteAgent} first.
 */
@NullMarked
package io.litetopic.proxy.agent;

import org.jspecify.annotations.NullMarked;
