package io.litetopic.proxy.cluster;

import io.litetopic.proxy.broker.BrokerGateway;
import io.litetopic.proxy.broker.BrokerQueue;
import io.litetopic.proxy.concurrent.Callbacks;
import io.litetopic.proxy.concurrent.SerialExecutor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Claims of a proxy among others that serve the same bind topic. All of them send heartbeats into one system group at every broker of
 * the topic and look at the broker's list of its members; queues are allocated among those that live.
 *
 * <p>A member that a broker does not list is not taken for dead because of that: a broker that was restarted lists nobody at first.
 * It is out when it said that it goes, when no broker lists it and its address refuses connections, when it has accepted
 * connections without a word for {@link ClusterTimings#hungNanos}, or, broker by broker, when that has not listed it for {@link
 * ClusterTimings#goneNanos}.
 *
 * <p>State is touched by a serial executor only; what others read is published as a whole.
 */
public final class Membership implements QueueClaims {
    private static final String GROUP_PREFIX = "CID_RMQ_SYS_LITETOPIC_";
    /** The broker keeps a topic named after the group, with a prefix of 7 characters, and topics have 127 at most. */
    private static final int MAX_TOPIC_IN_GROUP = 127 - 7 - GROUP_PREFIX.length();

    private static final String LEAVING = "#leaving";
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    /** One broker of the topic, as this proxy sees it. Owner: the serial executor. */
    private static final class Site {
        final BrokerQueue queue; // any: it only says which broker
        boolean joining;
        boolean looking;
        boolean unreachable;
        /** The last list that had this proxy; null while there is none or the broker does not answer. */
        @Nullable
        Set<String> listed;

        Site(BrokerQueue queue) {
            this.queue = queue;
        }
    }

    /** Members and the brokers at which they are out. Immutable. */
    private static final class Shares {
        final List<String> members;
        final Map<String, Set<String>> outAt;
        final Set<String> dead;

        Shares(List<String> members, Map<String, Set<String>> outAt, Set<String> dead) {
            this.members = members;
            this.outAt = outAt;
            this.dead = dead;
        }

        boolean reaches(String member, String brokerName) {
            return !outAt.getOrDefault(member, Collections.emptySet()).contains(brokerName);
        }

        boolean isSameAs(Shares other) {
            return members.equals(other.members) && outAt.equals(other.outAt) && dead.equals(other.dead);
        }
    }

    /** Who owns which of these queues. Immutable. */
    private static final class Allocated {
        final Shares shares;
        final List<BrokerQueue> queues;
        final Map<BrokerQueue, String> owners;

        Allocated(Shares shares, List<BrokerQueue> queues) {
            this.shares = shares;
            this.queues = queues;
            this.owners = Allocation.of(queues, shares.members, shares::reaches);
        }
    }

    private final String topic;
    private final String group;
    private final String memberId;
    private final BrokerGateway gateway;
    private final MemberProbe probe;
    private final @Nullable String ownGrpcAddress;
    private final ScheduledExecutorService scheduler;
    private final ClusterTimings timings;
    private final SerialExecutor serial;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final List<ScheduledFuture<?>> tasks = new CopyOnWriteArrayList<>();
    private final Map<String, BrokerQueue> queueOfBroker = new ConcurrentHashMap<>(); // written by the serial executor

    // serial executor
    private final Map<String, Site> sites = new TreeMap<>();
    private final Map<String, Peer> peers = new TreeMap<>();
    private boolean isOpen; // clients can reach this proxy
    private boolean awaitsOwnPort;
    private String lastProblem = "";
    private boolean toldOfDouble;
    private final Set<String> toldOfAddress = new HashSet<>();

    private volatile @Nullable Shares shares; // null until this proxy has seen itself in a list
    private volatile boolean wasShared; // written by the serial executor
    private volatile @Nullable Shares sharesWhenLeft;
    private volatile @Nullable Allocated allocated;
    private volatile boolean left;
    private volatile boolean closed;

    /**
     * @param ownGrpcAddress where this proxy listens, as this machine sees it: it joins the others when somebody listens there, so that
     *     clients are not sent to it before; null to join at once
     * @param probe not closed here
     */
    public Membership(
            String topic,
            String memberId,
            BrokerGateway gateway,
            MemberProbe probe,
            @Nullable String ownGrpcAddress,
            ScheduledExecutorService scheduler,
            ClusterTimings timings) {
        this.topic = topic;
        this.group = groupOf(topic);
        this.memberId = memberId;
        this.gateway = gateway;
        this.probe = probe;
        this.ownGrpcAddress = ownGrpcAddress;
        this.scheduler = scheduler;
        this.timings = timings;
        this.serial = new SerialExecutor(scheduler);
        this.isOpen = ownGrpcAddress == null;
    }

    /** The system group whose members serve the bind topic. */
    static String groupOf(String topic) {
        if (topic.length() <= MAX_TOPIC_IN_GROUP) {
            return GROUP_PREFIX + topic;
        }
        String hash = '_' + Integer.toHexString(topic.hashCode());
        return GROUP_PREFIX + topic.substring(0, MAX_TOPIC_IN_GROUP - hash.length()) + hash;
    }

    @Override
    public void start() {
        gateway.onGroupChange(group, () -> serial.execute(this::look));
        every(timings.beatMillis(), this::beat);
        every(timings.lookMillis(), this::look);
        every(timings.probeMillis(), () -> peers.values().forEach(this::probe));
    }

    private void every(long millis, Runnable task) {
        tasks.add(scheduler.scheduleWithFixedDelay(() -> serial.execute(task), 0, millis, TimeUnit.MILLISECONDS));
    }

    @Override
    public String ownerId() {
        return memberId;
    }

    @Override
    public @Nullable Set<BrokerQueue> claimed(List<BrokerQueue> queues) {
        Shares current = left ? sharesWhenLeft : shares;
        if (current == null) {
            return null;
        }
        Allocated last = allocated;
        if (last == null || last.shares != current || !last.queues.equals(queues)) {
            last = new Allocated(current, new ArrayList<>(queues));
            allocated = last;
        }
        Set<BrokerQueue> claimed = new HashSet<>();
        last.owners.forEach((queue, owner) -> {
            if (owner.equals(memberId)) {
                claimed.add(queue);
            }
        });
        return claimed;
    }

    @Override
    public ClusterView view() {
        Shares current = shares;
        if (current == null) {
            return ClusterView.alone(memberId);
        }
        Allocated last = allocated;
        if (last == null) {
            return new ClusterView(memberId, current.members, Collections.emptyMap(), wasShared);
        }
        if (last.shares != current) {
            last = new Allocated(current, last.queues);
            allocated = last;
        }
        return new ClusterView(memberId, current.members, last.owners, wasShared);
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public CompletableFuture<Set<String>> deadHolders(String brokerName) {
        Shares current = shares;
        BrokerQueue at = queueOfBroker.get(brokerName);
        if (current == null || current.dead.isEmpty() || at == null) {
            return CompletableFuture.completedFuture(Collections.emptySet());
        }
        // A member that is back has the same id as before: so once more, right before its locks are ended.
        CompletableFuture<Set<String>> result = new CompletableFuture<>();
        Map<String, CompletableFuture<MemberProbe.Answer>> answers = new HashMap<>();
        current.dead.forEach(id -> answers.put(id, probe.probe(MemberId.addressOf(id))));
        CompletableFuture<Void> all = CompletableFuture.allOf(answers.values().toArray(new CompletableFuture<?>[0]));
        Callbacks.onDone(all.thenCompose(done -> gateway.groupMembers(group, at)), (listed, failure) -> {
            Set<String> dead = new HashSet<>();
            if (failure == null && listed.contains(shownId())) {
                answers.forEach((id, answer) -> {
                    if (answer.join() == MemberProbe.Answer.REFUSES && !listed.contains(id)) {
                        dead.add(id);
                    }
                });
            }
            result.complete(dead);
        });
        return result;
    }

    private String shownId() {
        return left ? memberId + LEAVING : memberId;
    }

    // ---- heartbeats ----

    private void beat() {
        if (closed) {
            return;
        }
        if (!isOpen) {
            awaitOwnPort();
            return;
        }
        Callbacks.onDone(
                gateway.queues(topic),
                (queues, failure) -> serial.execute(() -> {
                    if (failure != null) {
                        report("cannot find the brokers of the bind topic: " + failure.getMessage());
                        return;
                    }
                    for (BrokerQueue queue : queues) {
                        sites.computeIfAbsent(queue.brokerName(), name -> new Site(queue));
                        queueOfBroker.putIfAbsent(queue.brokerName(), queue);
                    }
                    sites.values().forEach(this::join);
                }));
    }

    private void awaitOwnPort() {
        if (ownGrpcAddress != null && !awaitsOwnPort) {
            awaitsOwnPort = true;
            probeOwnPort(ownGrpcAddress);
        }
    }

    private void probeOwnPort(String address) {
        if (closed) {
            return;
        }
        Callbacks.onDone(
                probe.probe(address),
                (answer, failure) -> serial.execute(() -> {
                    if (answer == MemberProbe.Answer.REFUSES) {
                        report("the proxy does not listen yet at " + address);
                        Callbacks.later(
                                scheduler, timings.ownPortMillis(), () -> serial.execute(() -> probeOwnPort(address)));
                    } else {
                        isOpen = true;
                        beat();
                    }
                }));
    }

    private void join(Site site) {
        if (site.joining || closed) {
            return;
        }
        site.joining = true;
        boolean isFirst = site.listed == null;
        Callbacks.onDone(
                gateway.joinGroup(group, shownId(), site.queue),
                (done, failure) -> serial.execute(() -> {
                    site.joining = false;
                    reached(site, failure);
                    if (failure == null && isFirst) {
                        look(site);
                    }
                }));
    }

    // ---- who is there ----

    private void look() {
        sites.values().forEach(this::look);
    }

    private void look(Site site) {
        if (site.looking || closed) {
            return;
        }
        site.looking = true;
        Callbacks.onDone(
                gateway.groupMembers(group, site.queue),
                (listed, failure) -> serial.execute(() -> {
                    site.looking = false;
                    reached(site, failure);
                    if (failure != null) {
                        site.listed = null;
                    } else if (!listed.contains(shownId())) {
                        site.listed = null; // it has just been restarted: what it does not list means nothing yet
                        join(site);
                    } else {
                        report("");
                        tellOfDouble(listed);
                        site.listed = new HashSet<>(listed);
                        listed.forEach(this::meet);
                        evaluate();
                    }
                }));
    }

    private void reached(Site site, @Nullable Throwable failure) {
        if (failure != null && !site.unreachable && !closed) {
            log.warn(
                    "does not see members: broker not reached topic={} broker={} reason={}",
                    topic,
                    site.queue.brokerName(),
                    failure.getMessage());
        } else if (failure == null && site.unreachable) {
            log.info("sees members again: broker reached topic={} broker={}", topic, site.queue.brokerName());
        }
        site.unreachable = failure != null;
    }

    private void meet(String listedId) {
        String id = withoutMark(listedId);
        if (!id.equals(memberId) && !peers.containsKey(id)) {
            Peer peer = new Peer(id);
            peers.put(id, peer);
            probe(peer);
        }
    }

    private static String withoutMark(String listedId) {
        return listedId.endsWith(LEAVING) ? listedId.substring(0, listedId.length() - LEAVING.length()) : listedId;
    }

    private void tellOfDouble(List<String> listed) {
        if (Collections.frequency(listed, memberId) > 1 && !toldOfDouble) {
            toldOfDouble = true;
            log.error(
                    "two connections show the member id of this proxy. If another proxy has the same host name and advertised"
                            + " address, both deliver the same messages: give each its own cluster.advertisedAddress topic={}"
                            + " memberId={}",
                    topic,
                    memberId);
        } else if (Collections.frequency(listed, memberId) == 1) {
            toldOfDouble = false;
        }
    }

    private void probe(Peer peer) {
        if (peer.probing || peer.dead) {
            return;
        }
        peer.probing = true;
        long askedAt = System.nanoTime();
        Callbacks.onDone(
                probe.probe(peer.address),
                (answer, failure) -> serial.execute(() -> {
                    peer.probing = false;
                    heard(peer, answer == null ? MemberProbe.Answer.SILENT : answer, askedAt);
                    evaluate();
                }));
    }

    private void heard(Peer peer, MemberProbe.Answer answer, long askedAt) {
        if (answer == MemberProbe.Answer.ANSWERS) {
            peer.hasAnswered = true;
        }
        if (answer != MemberProbe.Answer.SILENT) {
            peer.silentSince = 0;
            peer.hung = false;
        } else if (peer.silentSince == 0) {
            peer.silentSince = askedAt;
        }
        if (!peer.hasAnswered) {
            // Not even once: this proxy may not be able to reach what clients reach. Then it can tell nothing from it.
            return;
        }
        peer.hung = peer.silentSince != 0 && System.nanoTime() - peer.silentSince > timings.hungNanos();
        peer.dead = answer == MemberProbe.Answer.REFUSES && isListedNowhere(peer);
    }

    /** At all brokers that answer, of which there is at least one. */
    private boolean isListedNowhere(Peer peer) {
        boolean someAnswers = false;
        for (Site site : sites.values()) {
            Set<String> listed = site.listed;
            if (listed != null) {
                someAnswers = true;
                if (listed.contains(peer.id) || listed.contains(peer.id + LEAVING)) {
                    return false;
                }
            }
        }
        return someAnswers;
    }

    /** Draws the conclusions from what is known. */
    private void evaluate() {
        long now = System.nanoTime();
        if (sites.values().stream().allMatch(site -> site.listed == null)) {
            return; // no broker answers: things stay as they are
        }
        Map<String, Set<String>> outAt = new TreeMap<>();
        List<String> members = new ArrayList<>();
        Set<String> dead = new HashSet<>();
        Map<String, String> whyOut = new LinkedHashMap<>();
        if (!left) {
            members.add(memberId);
        }
        for (Peer peer : new ArrayList<>(peers.values())) {
            Set<String> out = lookedUp(peer, now);
            String reason = peer.whyOut();
            if (peer.dead) {
                dead.add(peer.id);
            }
            if (reason.isEmpty() && out.size() < sites.size()) {
                members.add(peer.id);
                if (!out.isEmpty()) {
                    outAt.put(peer.id, out);
                }
            } else {
                whyOut.put(peer.id, reason.isEmpty() ? "no broker lists it" : reason);
            }
            if (out.size() == sites.size()) {
                peers.remove(peer.id); // its locks have ended too
            }
        }
        Collections.sort(members);
        tellOfAddresses(members);
        publish(new Shares(members, outAt, dead), whyOut);
    }

    /** Brings the peer up to date with the lists; returns the brokers that have not listed it for so long that it is out there. */
    private Set<String> lookedUp(Peer peer, long now) {
        boolean listedPlain = false;
        boolean listedLeaving = false;
        Set<String> out = new HashSet<>();
        for (Map.Entry<String, Site> entry : sites.entrySet()) {
            Set<String> listed = entry.getValue().listed;
            if (listed != null) {
                boolean plain = listed.contains(peer.id);
                boolean leaving = listed.contains(peer.id + LEAVING);
                listedPlain |= plain;
                listedLeaving |= leaving;
                if (plain || leaving) {
                    peer.missingSince.remove(entry.getKey());
                } else {
                    peer.missingSince.putIfAbsent(entry.getKey(), now);
                }
            }
            Long since = peer.missingSince.get(entry.getKey());
            if (since != null && now - since > timings.goneNanos()) {
                out.add(entry.getKey());
            }
        }
        if (listedLeaving || listedPlain) {
            peer.leaving = listedLeaving;
            peer.dead = false;
        } else {
            probe(peer); // now, not with the next round
        }
        return out;
    }

    private void tellOfAddresses(List<String> members) {
        Map<String, String> byAddress = new HashMap<>();
        for (String member : members) {
            String other = byAddress.put(MemberId.addressOf(member), member);
            if (other != null && toldOfAddress.add(MemberId.addressOf(member))) {
                log.error(
                        "two proxies advertise the same address, so clients reach one of them only: give each its own"
                                + " cluster.advertisedAddress topic={} address={} members={},{}",
                        topic,
                        MemberId.addressOf(member),
                        other,
                        member);
            }
        }
    }

    private void publish(Shares found, Map<String, String> whyOut) {
        Shares before = shares;
        if (before != null && before.isSameAs(found)) {
            return;
        }
        for (String member : found.members) {
            if (before == null || !before.members.contains(member)) {
                log.info(
                        "member joined topic={} member={} self={} members={}",
                        topic,
                        member,
                        member.equals(memberId),
                        found.members.size());
            }
        }
        if (before != null) {
            for (String member : before.members) {
                if (!found.members.contains(member)) {
                    log.warn(
                            "member left topic={} member={} reason={} members={}",
                            topic,
                            member,
                            member.equals(memberId) ? "this proxy stops" : whyOut.get(member),
                            found.members.size());
                }
            }
        }
        wasShared |= found.members.size() > 1;
        shares = found;
        listeners.forEach(Runnable::run);
    }

    /** Logs what stands in the way once, and once that it is over. */
    private void report(String problem) {
        if (problem.equals(lastProblem)) {
            return;
        }
        if (problem.isEmpty()) {
            log.info("takes part now topic={} memberId={}", topic, memberId);
        } else {
            log.info("waits before it takes part: {} topic={} memberId={}", problem, topic, memberId);
        }
        lastProblem = problem;
    }

    // ---- the end ----

    @Override
    public CompletableFuture<?> leave() {
        CompletableFuture<Void> told = new CompletableFuture<>();
        serial.execute(() -> {
            sharesWhenLeft = shares;
            left = true;
            evaluate();
            List<CompletableFuture<?>> all = new ArrayList<>();
            for (Site site : sites.values()) {
                all.add(gateway.leaveGroup(group, memberId, site.queue)
                        .thenCompose(done -> gateway.joinGroup(group, memberId + LEAVING, site.queue)));
            }
            Callbacks.onDone(CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])), (done, failure) -> {
                if (failure != null) {
                    log.warn(
                            "could not tell every broker that this proxy stops topic={} memberId={}",
                            topic,
                            memberId,
                            failure);
                }
                told.complete(null);
            });
        });
        return told;
    }

    @Override
    public void close() {
        left = true;
        closed = true;
        tasks.forEach(task -> task.cancel(false));
        for (BrokerQueue queue : queueOfBroker.values()) {
            Callbacks.onDone(gateway.leaveGroup(group, memberId + LEAVING, queue), (done, failure) -> {
                if (failure != null) {
                    log.debug("not told that this proxy has stopped queue={}", queue, failure);
                }
            });
        }
    }
}
