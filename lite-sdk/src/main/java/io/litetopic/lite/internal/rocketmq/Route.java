package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.MessageQueue;
import apache.rocketmq.v2.QueryRouteRequest;
import apache.rocketmq.v2.QueryRouteResponse;
import apache.rocketmq.v2.Resource;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.internal.consumer.Futures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.java.impl.ClientImpl;
import org.apache.rocketmq.client.java.impl.ClientManager;
import org.apache.rocketmq.client.java.route.Endpoints;
import org.apache.rocketmq.client.java.route.MessageQueueImpl;
import org.apache.rocketmq.client.java.rpc.RpcFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxies that serve the bind topic. The client keeps its own copy to itself and asks for it every 30 s only, so this
 * one asks again: at the access point and at all known proxies at a time, as any of them may be gone.
 *
 * <p>The first answer of a known proxy counts, and that of the access point if it names several proxies or no known one
 * answers. A proxy that is alone names the address at which it was asked, so the two may differ though neither is wrong, and
 * what the access point says might be the address of one that is gone. If nobody answers, those that have left the route
 * before are asked.
 *
 * <p>Thread-safe.
 */
final class Route {

    private static final Logger log = LoggerFactory.getLogger(Route.class);

    // Many calls fail at a time when a proxy dies.
    private static final long SUSPECT_NANOS = Duration.ofMillis(300).toNanos();

    private static final int MAX_FORMER = 8;

    private final ClientManager manager;
    private final Reconnects reconnects;
    private final Endpoints accessPoint;
    private final Resource topic;
    private final Duration timeout;
    private final String context;
    private final Runnable onChange;

    // guarded by this
    private Map<String, Proxy> current = Collections.emptyMap();
    private final Map<String, Endpoints> former = new LinkedHashMap<>(); // the one that left last is the last
    private @Nullable CompletableFuture<Set<String>> refreshing;
    private long suspectedNanos = System.nanoTime() - SUSPECT_NANOS;

    /** @param onChange called after the set of proxies has changed; must not block */
    Route(
            ClientImpl client,
            Reconnects reconnects,
            Resource topic,
            Duration timeout,
            String context,
            Runnable onChange) {
        this.manager = client.getClientManager();
        this.reconnects = reconnects;
        this.accessPoint = client.getEndpoints();
        this.topic = topic;
        this.timeout = timeout;
        this.context = "cannot query the route " + context;
        this.onChange = onChange;
    }

    /** The proxies of the last answer by their addresses; immutable. */
    synchronized Map<String, Proxy> current() {
        return current;
    }

    /** All queues of the last answer. */
    List<MessageQueue> queues() {
        List<MessageQueue> all = new ArrayList<>();
        current().values().forEach(proxy -> proxy.queues.forEach(queue -> all.add(queue.toProtobuf())));
        return all;
    }

    /** Names of the message types that the queues of the last answer accept. */
    Set<String> messageTypes() {
        Set<String> types = new TreeSet<>();
        for (Proxy proxy : current().values()) {
            proxy.queues.forEach(queue -> queue.getAcceptMessageTypes().forEach(type -> types.add(type.name())));
        }
        return types;
    }

    /** The client has got an answer at the access point: the first one counts, later ones are a reason to ask oneself. */
    void clientHas(List<MessageQueueImpl> queues) {
        if (current().isEmpty()) {
            set(queues);
        } else {
            suspect();
        }
    }

    private void set(Collection<MessageQueueImpl> queues) {
        Map<String, Proxy> route = proxies(queues);
        boolean changed;
        synchronized (this) {
            changed = !route.keySet().equals(current.keySet());
            current.forEach((address, proxy) -> {
                former.remove(address);
                former.put(address, proxy.endpoints);
            });
            former.keySet().removeAll(route.keySet());
            while (former.size() > MAX_FORMER) {
                former.remove(former.keySet().iterator().next());
            }
            current = route;
        }
        if (changed) {
            onChange.run();
        }
    }

    /** The route may have changed. */
    void suspect() {
        synchronized (this) {
            long now = System.nanoTime();
            if (now - suspectedNanos < SUSPECT_NANOS) {
                return;
            }
            suspectedNanos = now;
        }
        Futures.onDone(refresh(), proxies -> {}, failure -> log.debug("route not known", failure));
    }

    CompletableFuture<Set<String>> refresh() {
        CompletableFuture<Set<String>> result;
        Set<Endpoints> known = new LinkedHashSet<>();
        synchronized (this) {
            if (refreshing != null) {
                return refreshing;
            }
            result = new CompletableFuture<>();
            refreshing = result;
            current.values().forEach(proxy -> known.add(proxy.endpoints));
        }
        CompletableFuture<List<MessageQueueImpl>> first = new CompletableFuture<>();
        CompletableFuture<List<MessageQueueImpl>> atAccessPoint = query(accessPoint);
        AtomicInteger missing = new AtomicInteger(known.size());
        for (Endpoints endpoints : known) {
            Futures.onDone(query(endpoints), first::complete, failure -> {
                if (missing.decrementAndGet() == 0) {
                    Futures.onDone(atAccessPoint, first::complete, first::completeExceptionally);
                }
            });
        }
        Futures.onDone(
                atAccessPoint,
                queues -> {
                    if (known.isEmpty() || proxies(queues).size() > 1) {
                        first.complete(queues);
                    }
                },
                failure -> {
                    if (known.isEmpty()) {
                        first.completeExceptionally(failure);
                    }
                });
        CompletableFuture<List<MessageQueueImpl>> answer = new CompletableFuture<>();
        Futures.onDone(first, answer::complete, failure -> askFormer(failure, answer));
        Futures.onDone(
                answer.thenApply(queues -> {
                    set(queues);
                    return current().keySet();
                }),
                proxies -> {
                    ended();
                    result.complete(proxies);
                },
                failure -> {
                    ended();
                    result.completeExceptionally(failure);
                });
        return result;
    }

    /** The last resort: all proxies were restarted one after the other, and those that left before are back by now. */
    private void askFormer(Throwable failure, CompletableFuture<List<MessageQueueImpl>> answer) {
        List<Endpoints> left;
        synchronized (this) {
            left = new ArrayList<>(former.values());
        }
        if (left.isEmpty()) {
            answer.completeExceptionally(failure);
        }
        AtomicInteger missing = new AtomicInteger(left.size());
        for (Endpoints endpoints : left) {
            Futures.onDone(query(endpoints), answer::complete, alsoFailed -> {
                if (missing.decrementAndGet() == 0) {
                    answer.completeExceptionally(failure);
                }
            });
        }
    }

    private synchronized void ended() {
        refreshing = null;
    }

    private CompletableFuture<List<MessageQueueImpl>> query(Endpoints endpoints) {
        reconnects.reconnect(endpoints);
        QueryRouteRequest request = QueryRouteRequest.newBuilder()
                .setTopic(topic)
                .setEndpoints(endpoints.toProtobuf())
                .build();
        RpcFuture<QueryRouteRequest, QueryRouteResponse> rpc = manager.queryRoute(endpoints, request, timeout);
        CompletableFuture<List<MessageQueueImpl>> result = new CompletableFuture<>();
        Futures.onDone(
                RpcFutures.toCompletable(rpc),
                response -> {
                    LiteException refused =
                            OfficialErrors.ofStatus(context, response.getStatus(), RpcFutures.requestId(rpc));
                    if (refused != null) {
                        result.completeExceptionally(refused);
                    } else if (response.getMessageQueuesCount() == 0) {
                        result.completeExceptionally(new LiteException(
                                context + ": the answer has no message queue; no proxy serves the topic at the moment",
                                true,
                                RpcFutures.requestId(rpc),
                                null));
                    } else {
                        read(response, RpcFutures.requestId(rpc), result);
                    }
                },
                failure -> result.completeExceptionally(OfficialErrors.ofCall(context, failure)));
        return result;
    }

    private void read(QueryRouteResponse response, String requestId, CompletableFuture<List<MessageQueueImpl>> result) {
        List<MessageQueueImpl> queues = new ArrayList<>();
        try {
            for (MessageQueue queue : response.getMessageQueuesList()) {
                queues.add(new MessageQueueImpl(queue));
            }
        } catch (IllegalArgumentException e) {
            // a proxy that cannot ask a broker for the topic's type, as that restarts, says "unspecified"
            result.completeExceptionally(new LiteException(
                    context + ": the answer is not complete (" + e.getMessage() + "); the broker may be restarting",
                    true,
                    requestId,
                    e));
            return;
        }
        result.complete(queues);
    }

    private static Map<String, Proxy> proxies(Collection<MessageQueueImpl> queues) {
        Map<String, Proxy> proxies = new LinkedHashMap<>();
        for (MessageQueueImpl queue : queues) {
            Endpoints endpoints = queue.getBroker().getEndpoints();
            proxies.computeIfAbsent(endpoints.toString(), address -> new Proxy(endpoints))
                    .add(queue);
        }
        return Collections.unmodifiableMap(proxies);
    }

    /** One proxy and the queues that it serves. */
    static final class Proxy {
        private final Endpoints endpoints;
        private final List<MessageQueueImpl> queues = new ArrayList<>();
        private final List<MessageQueueImpl> readable = new ArrayList<>();
        private final AtomicInteger turn = new AtomicInteger();

        private Proxy(Endpoints endpoints) {
            this.endpoints = endpoints;
        }

        private void add(MessageQueueImpl queue) {
            queues.add(queue);
            if (queue.getPermission().isReadable() && queue.getBroker().getId() == 0) {
                readable.add(queue);
            }
        }

        Endpoints endpoints() {
            return endpoints;
        }

        /** Where to receive next: the queues in turn. */
        MessageQueueImpl takeQueue() {
            List<MessageQueueImpl> choice = readable.isEmpty() ? queues : readable;
            return choice.get(Math.floorMod(turn.getAndIncrement(), choice.size()));
        }
    }
}
