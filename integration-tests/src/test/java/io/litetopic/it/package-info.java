/** What users see, on real processes: an unmodified RocketMQ with the plugin in its proxy, and real clients. */
@NullMarked
package io.litetopic.it;

import org.jspecify.annotations.NullMarked;
