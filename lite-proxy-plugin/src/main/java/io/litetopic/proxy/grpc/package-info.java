/**
 * The gRPC front: decides which requests are lite, checks them, turns them into commands of a dispatcher and its answers into
 * statuses; everything else goes to the stock service untouched. Keeps no dispatch state. Read
 * {@link io.litetopic.proxy.grpc.LiteMessagingService} first.
 */
@NullMarked
package io.litetopic.proxy.grpc;

import org.jspecify.annotations.NullMarked;
