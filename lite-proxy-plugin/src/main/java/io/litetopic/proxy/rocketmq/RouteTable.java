package io.litetopic.proxy.rocketmq;

import io.litetopic.proxy.broker.BrokerException;
import io.litetopic.proxy.broker.BrokerQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.common.constant.LoggerName;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.header.namesrv.GetRouteInfoRequestHeader;
import org.apache.rocketmq.remoting.protocol.route.TopicRouteData;
import org.jspecify.annotations.Nullable;

/**
 * Routes by topic, resolved again every 30 s and after a failure. While the name server is away, calls to brokers go on with the
 * last known addresses, as every stock client does. Thread-safe; never blocks.
 */
final class RouteTable {
    private static final Logger log = LoggerFactory.getLogger(LoggerName.PROXY_LOGGER_NAME);
    private static final long MAX_AGE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long LOOKUP_TIMEOUT_MILLIS = 3_000;

    private final BrokerConnection connection;
    private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();

    RouteTable(BrokerConnection connection) {
        this.connection = connection;
    }

    /**
     * The last known route, at once; one of more than 30 s of age is resolved again meanwhile. Fails (retryable) while none has
     * ever been known.
     */
    CompletableFuture<TopicRoute> current(String topic) {
        return entry(topic).lastKnown();
    }

    /** Address of the master broker that has {@code queue}; possibly an old one if the name server is away. */
    CompletableFuture<String> masterOf(BrokerQueue queue) {
        return entry(queue.topic()).lastKnown().thenApply(route -> {
            String master = route.masterOf(queue.brokerName());
            if (master == null) {
                suspect(queue.topic());
                throw BrokerException.queueMissing(
                        "cannot reach queue " + queue + ": no master of broker " + queue.brokerName()
                                + " is registered at the name server; check that the broker runs",
                        null,
                        true);
            }
            return master;
        });
    }

    /** A call with this topic's route failed: resolve it again before the next one. */
    void suspect(String topic) {
        entry(topic).expire();
    }

    private Entry entry(String topic) {
        return entries.computeIfAbsent(topic, Entry::new);
    }

    private CompletableFuture<TopicRoute> lookUp(String topic) {
        GetRouteInfoRequestHeader header = new GetRouteInfoRequestHeader();
        header.setTopic(topic);
        RemotingCommand request = RemotingCommand.createRequestCommand(RequestCode.GET_ROUTEINFO_BY_TOPIC, header);
        CompletableFuture<TopicRoute> result = new CompletableFuture<>();
        PendingCalls.whenDone(connection.invoke(null, request, LOOKUP_TIMEOUT_MILLIS), (response, error) -> {
            try {
                if (error != null) {
                    throw error;
                }
                result.complete(TopicRoute.of(topic, decode(response)));
            } catch (Throwable e) {
                result.completeExceptionally(failure(topic, e));
            }
        });
        return result;
    }

    private static TopicRouteData decode(RemotingCommand response) throws MQClientException {
        if (response.getCode() != ResponseCode.SUCCESS || response.getBody() == null) {
            throw new MQClientException(response.getCode(), response.getRemark());
        }
        return TopicRouteData.decode(response.getBody(), TopicRouteData.class);
    }

    private static BrokerException failure(String topic, Throwable error) {
        BrokerException failure = BrokerErrors.of("find the route of topic=" + topic, error);
        Integer code = BrokerErrors.codeOf(error);
        boolean notRegisteredYet = code != null && code == ResponseCode.TOPIC_NOT_EXIST;
        return notRegisteredYet
                ? BrokerException.queueMissing(String.valueOf(failure.getMessage()), error, true)
                : failure;
    }

    /** One topic. Its monitor guards the fields; futures complete outside of it. */
    private final class Entry {
        private final String topic;
        private @Nullable TopicRoute lastGood;
        private long expiresNanos;
        private @Nullable CompletableFuture<TopicRoute> pendingLookup;
        private int failures;

        Entry(String topic) {
            this.topic = topic;
        }

        synchronized CompletableFuture<TopicRoute> current() {
            boolean fresh = lastGood != null && System.nanoTime() - expiresNanos < 0;
            return fresh ? CompletableFuture.completedFuture(lastGood) : refresh();
        }

        synchronized CompletableFuture<TopicRoute> lastKnown() {
            CompletableFuture<TopicRoute> current = current();
            return lastGood == null ? current : CompletableFuture.completedFuture(lastGood);
        }

        synchronized void expire() {
            expiresNanos = System.nanoTime();
        }

        private CompletableFuture<TopicRoute> refresh() {
            if (pendingLookup == null) {
                CompletableFuture<TopicRoute> lookup = lookUp(topic);
                pendingLookup = lookup;
                PendingCalls.whenDone(lookup, (route, error) -> finish(lookup, route, error));
                return lookup;
            }
            return pendingLookup;
        }

        private synchronized void finish(
                CompletableFuture<TopicRoute> lookup, @Nullable TopicRoute route, @Nullable Throwable error) {
            if (pendingLookup == lookup) {
                pendingLookup = null;
            }
            if (route != null) {
                lastGood = route;
                expiresNanos = System.nanoTime() + MAX_AGE_NANOS;
                if (failures > 0) {
                    log.info("litetopic: route refreshed again topic={} failures={}", topic, failures);
                    failures = 0;
                }
            } else if (lastGood != null && failures++ == 0) {
                log.warn(
                        "litetopic: route not refreshed, last known one stays in use until it is topic={} reason=\"{}\"",
                        topic,
                        String.valueOf(error));
            }
        }
    }
}
