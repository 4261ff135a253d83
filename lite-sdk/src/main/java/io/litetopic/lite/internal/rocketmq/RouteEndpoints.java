package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.MessageQueue;
import apache.rocketmq.v2.QueryRouteRequest;
import apache.rocketmq.v2.QueryRouteResponse;
import apache.rocketmq.v2.Resource;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.internal.consumer.Futures;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.rocketmq.client.java.impl.ClientImpl;
import org.apache.rocketmq.client.java.impl.ClientManager;
import org.apache.rocketmq.client.java.route.Endpoints;
import org.apache.rocketmq.client.java.rpc.RpcFuture;

/**
 * The proxies that serve the bind topic. The client keeps its own copy to itself, so this one asks again.
 *
 * <p>Thread-safe.
 */
final class RouteEndpoints {

    private final ClientManager manager;
    private final Endpoints accessPoint;
    private final Resource topic;
    private final Duration timeout;
    private final String context;
    private volatile Set<Endpoints> current = Collections.emptySet();

    RouteEndpoints(ClientImpl client, Resource topic, Duration timeout, String context) {
        this.manager = client.getClientManager();
        this.accessPoint = client.getEndpoints();
        this.topic = topic;
        this.timeout = timeout;
        this.context = "cannot query the route " + context;
    }

    /** The proxies of the last answer; asks if there was none. */
    CompletableFuture<Set<Endpoints>> get() {
        Set<Endpoints> known = current;
        return known.isEmpty() ? refresh() : CompletableFuture.completedFuture(known);
    }

    /** The proxies of the last answer; empty if there was none. */
    Set<Endpoints> known() {
        return current;
    }

    CompletableFuture<Set<Endpoints>> refresh() {
        QueryRouteRequest request = QueryRouteRequest.newBuilder()
                .setTopic(topic)
                .setEndpoints(accessPoint.toProtobuf())
                .build();
        RpcFuture<QueryRouteRequest, QueryRouteResponse> rpc = manager.queryRoute(accessPoint, request, timeout);
        CompletableFuture<Set<Endpoints>> result = new CompletableFuture<>();
        Futures.onDone(
                RpcFutures.toCompletable(rpc),
                response -> {
                    LiteException refused =
                            OfficialErrors.ofStatus(context, response.getStatus(), RpcFutures.requestId(rpc));
                    if (refused == null) {
                        current = endpoints(response);
                        result.complete(current);
                    } else {
                        result.completeExceptionally(refused);
                    }
                },
                failure -> result.completeExceptionally(OfficialErrors.ofCall(context, failure)));
        return result;
    }

    private static Set<Endpoints> endpoints(QueryRouteResponse response) {
        Set<Endpoints> endpoints = new LinkedHashSet<>();
        for (MessageQueue queue : response.getMessageQueuesList()) {
            endpoints.add(new Endpoints(queue.getBroker().getEndpoints()));
        }
        return endpoints;
    }
}
