package io.litetopic.it.fault;

import static java.util.Objects.requireNonNull;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.apis.ClientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The consumers of the group: two in this JVM and some in processes of their own. Each lite topic is subscribed by two of them, so that one
 * can die; of those that are no probes, one subscription at a time moves to another consumer now and then. Thread-safe.
 */
final class Fleet implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Fleet.class);
    private static final int LOCAL = 2;
    private static final int SUBSCRIBERS = 2;
    private static final int CHURN_MILLIS = 300;
    private static final Duration SUBSCRIBE_TIMEOUT = Duration.ofSeconds(90);

    private final String endpoints;
    private final String bindTopic;
    private final String group;
    private final Checker checker;
    private final Random random;
    private final List<String> moving;
    private final Map<String, TestConsumer> consumers = new LinkedHashMap<>(); // guarded by this
    private final Map<String, Set<String>> subscribers = new ConcurrentHashMap<>(); // names; changed under this
    private final ScheduledExecutorService churn = Executors.newSingleThreadScheduledExecutor();

    private Fleet(String endpoints, String bindTopic, String group, Checker checker, List<String> moving, long seed) {
        this.endpoints = endpoints;
        this.bindTopic = bindTopic;
        this.group = group;
        this.checker = checker;
        this.moving = moving;
        this.random = new Random(seed);
    }

    /** Starts the consumers, subscribes to everything, waits for that, and begins to move subscriptions of {@code moving}. */
    static Fleet start(
            String endpoints,
            String bindTopic,
            String group,
            Checker checker,
            List<String> fixed,
            List<String> moving,
            int remote,
            long seed)
            throws ClientException, IOException {
        Fleet fleet = new Fleet(endpoints, bindTopic, group, checker, moving, seed);
        boolean started = false;
        try {
            fleet.startConsumers(remote, seed);
            fleet.subscribeAll(fixed);
            fleet.subscribeAll(moving);
            fleet.awaitSubscribed();
            Future<?> unused = fleet.churn.scheduleWithFixedDelay(
                    fleet::moveOne, CHURN_MILLIS, CHURN_MILLIS, TimeUnit.MILLISECONDS);
            started = true;
            return fleet;
        } finally {
            if (!started) {
                fleet.close();
            }
        }
    }

    private synchronized void startConsumers(int remote, long seed) throws ClientException, IOException {
        for (int i = 0; i < remote; i++) {
            startRemote("process-" + i);
        }
        for (int i = 0; i < LOCAL; i++) {
            String name = "local-" + i;
            consumers.put(name, LocalConsumer.start(name, endpoints, bindTopic, group, checker, seed + i));
        }
    }

    private void startRemote(String name) throws IOException {
        consumers.put(name, RemoteConsumer.start(name, endpoints, bindTopic, group, checker, random.nextLong()));
    }

    private synchronized void subscribeAll(List<String> liteTopics) {
        List<String> names = new ArrayList<>(consumers.keySet());
        for (String liteTopic : liteTopics) {
            Set<String> chosen = new HashSet<>();
            while (chosen.size() < SUBSCRIBERS) {
                String name = names.get(random.nextInt(names.size()));
                if (chosen.add(name)) {
                    requireNonNull(consumers.get(name)).subscribe(liteTopic);
                }
            }
            subscribers.put(liteTopic, chosen);
        }
    }

    /** Waits until all changes of subscriptions are done. */
    void awaitSubscribed() {
        await().atMost(SUBSCRIBE_TIMEOUT)
                .until(() ->
                        all().stream().mapToLong(TestConsumer::pendingChanges).sum() == 0);
    }

    private synchronized List<TestConsumer> all() {
        return List.copyOf(consumers.values());
    }

    /** Who is subscribed to that lite topic, as far as this fleet has its way. */
    synchronized Set<String> subscribersOf(String liteTopic) {
        return Set.copyOf(subscribers.getOrDefault(liteTopic, Set.of()));
    }

    /** Names of the consumers that are processes. */
    synchronized List<String> processes() {
        return consumers.values().stream()
                .filter(RemoteConsumer.class::isInstance)
                .map(TestConsumer::name)
                .toList();
    }

    /** SIGKILL. */
    void kill(String name) {
        remote(name).kill();
    }

    /** SIGSTOP for that time. */
    void stopFor(String name, Duration time) throws IOException {
        remote(name).stopFor(time);
    }

    /** Starts a killed one again, with the subscriptions that it had. */
    synchronized void restart(String name) throws IOException {
        startRemote(name);
        subscribers.forEach((liteTopic, names) -> {
            if (names.contains(name)) {
                requireNonNull(consumers.get(name)).subscribe(liteTopic);
            }
        });
    }

    /** Lets every listener call succeed, and moves no subscription any more. */
    void calmDown() throws InterruptedException {
        churn.shutdown();
        if (!churn.awaitTermination(SUBSCRIBE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("a move of a subscription blocks");
        }
        all().forEach(TestConsumer::calmDown);
    }

    @Override
    public void close() {
        churn.shutdownNow();
        all().parallelStream().forEach(TestConsumer::close);
    }

    private synchronized RemoteConsumer remote(String name) {
        return (RemoteConsumer) requireNonNull(consumers.get(name), name);
    }

    private void moveOne() {
        try {
            move(moving.get(random.nextInt(moving.size())));
        } catch (UncheckedIOException e) {
            log.warn("cannot move a subscription", e); // a process that has just been killed
        }
    }

    private synchronized void move(String liteTopic) {
        Set<String> names = requireNonNull(subscribers.get(liteTopic));
        List<String> free = consumers.keySet().stream()
                .filter(name -> !names.contains(name))
                .toList();
        String from = List.copyOf(names).get(random.nextInt(names.size()));
        String to = free.get(random.nextInt(free.size()));
        requireNonNull(consumers.get(to)).subscribe(liteTopic);
        requireNonNull(consumers.get(from)).unsubscribe(liteTopic);
        names.remove(from);
        names.add(to);
    }
}
