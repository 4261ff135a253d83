/**
 * Sends messages to lite topics through the official producer. Not API: free to change.
 *
 * <p>Owns the mapping of a lite topic to what a stock broker stores. Read
 * {@link io.litetopic.lite.internal.producer.LiteProducer} first.
 */
@NullMarked
package io.litetopic.lite.internal.producer;

import org.jspecify.annotations.NullMarked;
