/**
 * Governance of lite topics: rates, concurrency, opening hours and feedback of providers, as policies around a listener.
 *
 * <p>A policy decides before the listener is called. What may not run yet is suspended for exactly as long as the policy
 * knows or estimates; no thread waits and other lite topics are not affected. Policies keep their state in this process:
 * a limit holds for all listeners around which the same policy object is put, not across processes.
 *
 * <p>Decides only; knows nothing of consumers and connections. Read {@link io.litetopic.lite.policy.LitePolicies} first.
 */
@NullMarked
package io.litetopic.lite.policy;

import org.jspecify.annotations.NullMarked;
