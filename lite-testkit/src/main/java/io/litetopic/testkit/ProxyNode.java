package io.litetopic.testkit;

import org.jspecify.annotations.Nullable;

/**
 * One proxy of a cluster and what belongs to it.
 *
 * @param links null if it reaches the other servers directly
 * @param clock null if its clock cannot be shifted
 */
record ProxyNode(
        ServerProcess process,
        ProxyPorts ports,
        @Nullable ProxyLinks links,
        @Nullable ProxyClock clock) {}
