/**
 * Small runnable programs, one per use case. All read where to connect from system properties, see
 * {@link io.litetopic.samples.SampleSettings}. Read {@link io.litetopic.samples.LitePushConsumerSample} first.
 */
@NullMarked
package io.litetopic.samples;

import org.jspecify.annotations.NullMarked;
