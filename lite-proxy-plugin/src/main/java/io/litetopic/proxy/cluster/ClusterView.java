package io.litetopic.proxy.cluster;

import io.litetopic.proxy.broker.BrokerQueue;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The members that serve a bind topic at one moment, and the queues allocated to each. Immutable. */
public final class ClusterView {
    private final String self;
    private final List<String> members;
    private final Map<BrokerQueue, String> owners;
    private final boolean wasShared;

    /**
     * @param owners of the queues that are known; possibly empty
     * @param wasShared whether there has been another member in the life of this proxy
     */
    public ClusterView(String self, List<String> members, Map<BrokerQueue, String> owners, boolean wasShared) {
        this.self = self;
        this.members = Collections.unmodifiableList(members);
        this.owners = Collections.unmodifiableMap(owners);
        this.wasShared = wasShared;
    }

    static ClusterView alone(String memberId) {
        return new ClusterView(memberId, Collections.singletonList(memberId), Collections.emptyMap(), false);
    }

    /** Ids, sorted, this proxy's among them unless it leaves. */
    public List<String> members() {
        return members;
    }

    /**
     * Whether clients have to talk to the advertised addresses of the owners: there are several members, or this one leaves, and it is
     * known who owns what. One that leaves may still be asked, and must not name itself. One that is left alone keeps its advertised
     * address: official clients hang 30 minutes after an address that still answers has left their route.
     */
    public boolean isShared() {
        return knowsOwners() && (wasShared || members.size() > 1 || !members.contains(self));
    }

    /** Whether it is known who owns what; never in local mode. */
    public boolean knowsOwners() {
        return !owners.isEmpty();
    }

    /** Advertised address of the member to which the queue is allocated; null if the queue is not known. */
    public @Nullable String addressOfOwner(BrokerQueue queue) {
        String owner = owners.get(queue);
        return owner == null ? null : MemberId.addressOf(owner);
    }

    /** Advertised addresses of the members other than this proxy. */
    public Iterable<String> addressesOfOthers() {
        TreeSet<String> addresses = new TreeSet<>();
        for (String member : members) {
            if (!member.equals(self)) {
                addresses.add(MemberId.addressOf(member));
            }
        }
        return addresses;
    }

    /** Advertised addresses of the members that have queues, sorted. */
    public Iterable<String> addressesOfOwners() {
        TreeSet<String> addresses = new TreeSet<>();
        owners.values().forEach(owner -> addresses.add(MemberId.addressOf(owner)));
        return addresses;
    }
}
