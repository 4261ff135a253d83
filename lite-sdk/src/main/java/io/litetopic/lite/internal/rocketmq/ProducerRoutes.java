package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.Resource;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.internal.consumer.Futures;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.client.java.impl.ClientImpl;
import org.apache.rocketmq.client.java.route.Endpoints;
import org.apache.rocketmq.client.java.route.TopicRouteData;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives an official producer a new route as soon as a send got no answer. By itself it asks every 30 s, and all sends to the
 * queues of a proxy that has gone fail until then, as a lite topic's queue is fixed. One that is back is connected to at once.
 *
 * <p>Thread-safe; nothing here blocks.
 */
public final class ProducerRoutes {

    private static final Logger log = LoggerFactory.getLogger(ProducerRoutes.class);

    private static final long PAUSE_NANOS = Duration.ofMillis(300).toNanos();

    /** Null if the client is not one whose routes can be set. */
    private final @Nullable Access access;

    private final Duration timeout;
    private final Map<String, TopicRoute> routes = new ConcurrentHashMap<>();

    private ProducerRoutes(@Nullable Access access, Duration timeout) {
        this.access = access;
        this.timeout = timeout;
    }

    /** @param timeout of a question for the route */
    public static ProducerRoutes of(Producer official, Duration timeout) {
        return new ProducerRoutes(Access.to(official), timeout);
    }

    /** A message of the topic is about to be sent; the first time, its proxies are asked for, to know whom to ask later. */
    public void sending(String topic) {
        route(topic);
    }

    /** A send has failed. If no server has answered, the route is asked for, at all proxies known. */
    public void sendFailed(String topic, Throwable failure) {
        TopicRoute route = OfficialErrors.isAnswer(failure) ? null : route(topic);
        if (route != null) {
            route.renew();
        }
    }

    private @Nullable TopicRoute route(String topic) {
        Access client = access;
        if (client == null) {
            return null;
        }
        TopicRoute known = routes.get(topic); // each send comes here, and computeIfAbsent locks
        return known == null ? routes.computeIfAbsent(topic, name -> TopicRoute.of(client, name, timeout)) : known;
    }

    private static final class TopicRoute {
        private final Access client;
        private final String topic;
        private final Route route;
        private final AtomicLong lastNanos = new AtomicLong(System.nanoTime() - PAUSE_NANOS);

        private TopicRoute(Access client, String topic, Route route) {
            this.client = client;
            this.topic = topic;
            this.route = route;
        }

        static TopicRoute of(Access client, String topic, Duration timeout) {
            Resource resource = Resource.newBuilder().setName(topic).build();
            Route route =
                    new Route(client.client, client.reconnects, resource, timeout, "[topic=" + topic + "]", () -> {});
            Futures.onDone(route.refresh(), proxies -> {}, failure -> log.debug("route not known", failure));
            return new TopicRoute(client, topic, route);
        }

        void renew() {
            long last = lastNanos.get();
            long now = System.nanoTime();
            if (now - last < PAUSE_NANOS || !lastNanos.compareAndSet(last, now)) {
                return;
            }
            Futures.onDone(
                    route.refresh(),
                    proxies -> {
                        log.info("route renewed after a send without an answer topic={} proxies={}", topic, proxies);
                        client.setRoute(topic, new TopicRouteData(route.queues()));
                    },
                    failure -> log.debug("route not renewed topic={}", topic, failure));
        }
    }

    /** The parts of the official client that are not public API. */
    private static final class Access {
        private final ClientImpl client;
        private final Reconnects reconnects;
        private final Method routeFetched; // its result is a class that is shaded in one variant of the client
        private final Method routeEndpoints;

        private Access(ClientImpl client, Reconnects reconnects, Method routeFetched, Method routeEndpoints) {
            this.client = client;
            this.reconnects = reconnects;
            this.routeFetched = routeFetched;
            this.routeEndpoints = routeEndpoints;
        }

        static @Nullable Access to(Producer official) {
            if (!(official instanceof ClientImpl)) {
                return null;
            }
            ClientImpl client = (ClientImpl) official;
            try {
                ClassLoader loader = client.getClass().getClassLoader();
                ClientCompatibility.check(loader);
                Method method =
                        ClientImpl.class.getMethod("onTopicRouteDataFetched", String.class, TopicRouteData.class);
                Method endpoints = ClientImpl.class.getDeclaredMethod("getTotalRouteEndpoints");
                endpoints.setAccessible(true);
                Access access = new Access(client, Reconnects.of(client.getClientManager(), loader), method, endpoints);
                access.reconnects.endUnusedAlways(client.getClientManager(), access::usedConnections);
                return access;
            } catch (LiteException | NoSuchMethodException e) {
                log.warn(
                        "sends to a proxy that has gone fail for up to 30 s: this client's routes cannot be renewed",
                        e);
                return null;
            }
        }

        @SuppressWarnings("unchecked") // as declared by the client
        private Set<Endpoints> usedConnections() {
            try {
                Set<Endpoints> used = new HashSet<>((Set<Endpoints>) routeEndpoints.invoke(client));
                used.add(client.getEndpoints());
                return used;
            } catch (InvocationTargetException e) {
                throw new IllegalStateException("the official client does not tell its route", e.getCause());
            } catch (IllegalAccessException e) {
                throw new IllegalStateException("routes of the official client are not accessible", e);
            }
        }

        void setRoute(String topic, TopicRouteData route) {
            try {
                routeFetched.invoke(client, topic, route);
            } catch (InvocationTargetException e) {
                log.warn("official producer does not take its new route topic={}", topic, e.getCause());
            } catch (IllegalAccessException e) {
                throw new IllegalStateException("routes of the official client are not accessible", e);
            }
        }
    }
}
