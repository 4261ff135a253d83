package io.litetopic.proxy.runtime;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.cluster.ClusterTimings;
import io.litetopic.proxy.cluster.QueueClaims;
import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.config.JournalConfig;
import io.litetopic.proxy.config.LiteGroupConfig;
import io.litetopic.proxy.engine.EngineSettings;
import io.litetopic.proxy.journal.Journal;
import io.litetopic.proxy.journal.TopicJournal;
import io.litetopic.proxy.rocketmq.ProvisioningException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Everything that runs: prepares each bind topic once its cluster answers, then dispatches its groups. {@link #start} returns at
 * once; a thread of its own waits for the broker.
 */
public final class LiteRuntime implements AutoCloseable {
    private static final long RETRY_MILLIS = 300;
    private static final long LEAVE_MILLIS = 1_000;
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final BindTopics topics;
    private final ClaimsFactory claims;
    private final ClusterTimings timings;
    private final Runnable connect;
    private final BrokerGateway gateway;
    private final Provisioner provisioner;
    private final JournalConfig journal;
    private final Map<BindTopic, CompletableFuture<Void>> provisioning = new HashMap<>(); // guarded by itself
    private final EngineLoop loop = new EngineLoop("lite-engine");
    private final ScheduledExecutorService scheduler;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread starter;
    private @Nullable UnsubscribeNotifier notifier; // written before the starter starts

    /** Makes the claims of a bind topic; they are started when the topic is prepared. */
    public interface ClaimsFactory {
        QueueClaims of(String bindTopic, BrokerGateway gateway, ScheduledExecutorService scheduler);
    }

    /** For a proxy that is the only one: it dispatches all queues. */
    public LiteRuntime(
            BindTopics topics, String ownerId, Runnable connect, BrokerGateway gateway, Provisioner provisioner) {
        this(
                topics,
                JournalConfig.DEFAULT,
                (topic, broker, scheduler) -> QueueClaims.ofAll(ownerId),
                ClusterTimings.DEFAULT,
                connect,
                gateway,
                provisioner);
    }

    /** @param connect starts the connection behind {@code gateway} and {@code provisioner} */
    public LiteRuntime(
            BindTopics topics,
            JournalConfig journal,
            ClaimsFactory claims,
            ClusterTimings timings,
            Runnable connect,
            BrokerGateway gateway,
            Provisioner provisioner) {
        this.topics = topics;
        this.journal = journal;
        this.claims = claims;
        this.timings = timings;
        this.connect = connect;
        this.gateway = gateway;
        this.provisioner = provisioner;
        this.scheduler =
                Executors.newScheduledThreadPool(Math.min(8, 2 + topics.all().size()), daemonThreads("lite-scheduler"));
        this.starter = daemonThread(this::run, "lite-starter");
    }

    /** Names threads {@code name-1}, {@code name-2}, ... */
    public static ThreadFactory daemonThreads(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> daemonThread(task, name + '-' + number.incrementAndGet());
    }

    /** @param notifier told of subscriptions that clients lose */
    public void start(UnsubscribeNotifier notifier) {
        this.notifier = notifier;
        loop.start();
        starter.start();
    }

    private void run() {
        try {
            connect.run();
        } catch (Throwable e) { // nobody else would hear of it
            topics.all().forEach(topic -> refuse(topic, "the proxy cannot connect to its cluster: " + e, e));
            return;
        }
        Map<BindTopic, String> waiting = new LinkedHashMap<>();
        topics.all().forEach(topic -> waiting.put(topic, ""));
        try {
            do {
                waiting.entrySet().removeIf(entry -> isSettled(entry.getKey(), entry));
            } while (!waiting.isEmpty() && !closing.await(RETRY_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Served or refused for good; the entry's value is the last problem that was logged. */
    private boolean isSettled(BindTopic topic, Map.Entry<BindTopic, String> entry) {
        try {
            provisioner.provision(topic.config());
            serve(topic);
            return true;
        } catch (ProvisioningException e) {
            String problem = String.valueOf(e.getMessage());
            if (!e.isRetryable()) {
                refuse(topic, problem, e);
                return true;
            }
            if (!problem.equals(entry.getValue())) {
                log.info("bind topic waits for its cluster topic={} reason={}", topic.name(), problem);
                entry.setValue(problem);
            }
            return false;
        } catch (RuntimeException e) {
            refuse(topic, String.valueOf(e), e);
            return true;
        }
    }

    private static void refuse(BindTopic topic, String problem, Throwable cause) {
        topic.refuse(problem);
        String line = "litetopic: bind topic '" + topic.name() + "' is NOT SERVED: " + problem;
        log.error(line, cause);
        System.err.println(line);
    }

    private void serve(BindTopic topic) {
        BindTopicConfig config = topic.config();
        QueueClaims ofTopic = claims.of(config.name(), gateway, scheduler);
        Map<String, GroupDispatcher> dispatchers = new LinkedHashMap<>();
        for (LiteGroupConfig group : config.groups().values()) {
            GroupDispatcher dispatcher = new GroupDispatcher(
                    config.name(),
                    group.name(),
                    ofTopic,
                    timings,
                    settings(config, group),
                    loop,
                    gateway,
                    topic.registry(),
                    journalOf(group.name(), ofTopic.ownerId(), topic),
                    journal.flushInterval(),
                    scheduler,
                    Objects.requireNonNull(notifier, "not started"));
            dispatchers.put(group.name(), dispatcher);
            dispatcher.start();
        }
        topic.serve(dispatchers, ofTopic);
        ofTopic.start();
        log.info("bind topic is prepared topic={} consumerGroups={}", topic.name(), dispatchers.keySet());
    }

    private Journal journalOf(String group, String ownerId, BindTopic topic) {
        return new TopicJournal(
                group,
                ownerId,
                gateway,
                scheduler,
                () -> provisionAgain(topic),
                journal.skipsDamaged(),
                System::nanoTime);
    }

    /** A journal topic, or a queue of it, is missing. One attempt at a time for all streams of a topic. */
    private CompletableFuture<Void> provisionAgain(BindTopic topic) {
        synchronized (provisioning) {
            CompletableFuture<Void> running = provisioning.get(topic);
            if (running != null && !running.isDone()) {
                return running;
            }
            CompletableFuture<Void> started = CompletableFuture.runAsync(
                    () -> {
                        try {
                            provisioner.provision(topic.config());
                        } catch (ProvisioningException e) {
                            throw new CompletionException(e);
                        }
                    },
                    task -> daemonThread(task, "lite-provisioner").start());
            provisioning.put(topic, started);
            return started;
        }
    }

    private static Thread daemonThread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private EngineSettings settings(BindTopicConfig topic, LiteGroupConfig group) {
        int groups =
                topics.all().stream().mapToInt(t -> t.config().groups().size()).sum();
        long heapBytes = Runtime.getRuntime().maxMemory();
        EngineSettings.Builder settings = EngineSettings.builder()
                .maxAttempts(group.maxAttempts())
                .subscriptionsPerClient(group.subscriptionsPerClient())
                .subscriptionsPerGroup(group.subscriptionsPerGroup())
                .bodyCacheBytes(between(16L << 20, heapBytes / 8, 512L << 20) / groups)
                .indexBytes(between(16L << 20, heapBytes / 8, 2L << 30) / groups)
                .mode(group.mode())
                .onExpiry(topic.onExpiry())
                .rules(group.rules())
                .maxInHandPerClient(group.maxInFlightPerClient())
                .maxInHandPerLiteTopic(group.maxInFlightPerLiteTopic())
                .handleSeed(new SecureRandom().nextLong());
        topic.ttl().ifPresent(ttl -> settings.ttlNanos(ttl.toNanos()));
        return settings.build();
    }

    private static long between(long min, long value, long max) {
        return Math.max(min, Math.min(value, max));
    }

    /** The other proxies hear first that this one stops, so that they wait for its queues when it gives them back. */
    private void leave() {
        List<CompletableFuture<?>> told = new ArrayList<>();
        topics.all().forEach(topic -> told.add(topic.leave()));
        try {
            CompletableFuture.allOf(told.toArray(new CompletableFuture<?>[0])).get(LEAVE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("could not tell the other proxies in time that this one stops", e);
        }
    }

    /** All at a time: each waits for its clients. */
    private void closeDispatchers() {
        List<Thread> closers = new ArrayList<>();
        for (BindTopic topic : topics.all()) {
            for (GroupDispatcher dispatcher : topic.dispatchers().values()) {
                Thread closer = daemonThread(dispatcher::close, "lite-close-" + dispatcher.group());
                closer.start();
                closers.add(closer);
            }
        }
        try {
            for (Thread closer : closers) {
                closer.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            starter.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        leave();
        closeDispatchers();
        topics.all().forEach(BindTopic::closeClaims);
        loop.close();
        scheduler.shutdownNow();
        gateway.close();
    }
}
