/**
 * Makes the public API from the consumer and producer packages. Not API: free to change.
 *
 * <p>Owns the builders and the check of lite topic names. Read
 * {@link io.litetopic.lite.internal.LiteClientServiceProviderImpl} first.
 */
@NullMarked
package io.litetopic.lite.internal;

import org.jspecify.annotations.NullMarked;
