package io.litetopic.proxy.cluster;

import io.litetopic.proxy.broker.BrokerQueue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * Who is to own which queue: rendezvous hashing with bounded loads. Every proxy that knows the same queues and members comes to the
 * same result, whatever their order. Loads differ by 1 at most. If a member comes or goes, few queues move that need not:
 * only those that the bound pushes on.
 *
 * <p>Cost: {@code O(n m log(n m))} for n queues and m members.
 */
final class Allocation {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private static final class Bid {
        final BrokerQueue queue;
        final String member;
        final long score;

        Bid(BrokerQueue queue, String member) {
            this.queue = queue;
            this.member = member;
            this.score = score(queue, member);
        }
    }

    private static final Comparator<Bid> HIGHEST_FIRST = Comparator.<Bid>comparingLong(bid -> bid.score)
            .reversed()
            .thenComparing(bid -> bid.queue)
            .thenComparing(bid -> bid.member);

    private Allocation() {}

    /**
     * @param reaches whether the member (first) can own queues of the broker (second). If not all members reach all brokers, loads
     *     may differ by more
     * @return the owner of each queue; a queue whose broker nobody reaches has none
     */
    static Map<BrokerQueue, String> of(
            Collection<BrokerQueue> queues, Collection<String> members, BiPredicate<String, String> reaches) {
        Set<BrokerQueue> all = new LinkedHashSet<>(queues);
        List<Bid> bids = new ArrayList<>();
        for (BrokerQueue queue : all) {
            for (String member : new LinkedHashSet<>(members)) {
                if (reaches.test(member, queue.brokerName())) {
                    bids.add(new Bid(queue, member));
                }
            }
        }
        Collections.sort(bids, HIGHEST_FIRST);
        Map<BrokerQueue, String> owners = new HashMap<>();
        Map<String, Integer> loads = new HashMap<>();
        int count = new LinkedHashSet<>(members).size();
        int share = count == 0 ? 0 : all.size() / count;
        int larger = count == 0 ? 0 : all.size() % count; // so many members have one more
        for (Bid bid : bids) {
            int load = loads.getOrDefault(bid.member, 0);
            if (owners.containsKey(bid.queue) || load > share || (load == share && larger == 0)) {
                continue;
            }
            if (load == share) {
                larger--;
            }
            owners.put(bid.queue, bid.member);
            loads.put(bid.member, load + 1);
        }
        // Left over if some members do not reach all brokers: to whoever has least.
        for (Bid bid : bids) {
            if (!owners.containsKey(bid.queue)) {
                String least = leastLoaded(all, bid.queue, bids, loads);
                owners.put(bid.queue, least);
                loads.merge(least, 1, Integer::sum);
            }
        }
        return owners;
    }

    private static String leastLoaded(
            Set<BrokerQueue> all, BrokerQueue queue, List<Bid> bids, Map<String, Integer> loads) {
        String least = null;
        int lowest = all.size();
        for (Bid bid : bids) {
            int load = loads.getOrDefault(bid.member, 0);
            if (bid.queue.equals(queue) && (least == null || load < lowest)) {
                least = bid.member;
                lowest = load;
            }
        }
        if (least == null) {
            throw new IllegalStateException("no bid for " + queue);
        }
        return least;
    }

    /** FNV-1a over both names, then the finalizer of MurmurHash3, since FNV mixes the last bytes into the high bits too little. */
    private static long score(BrokerQueue queue, String member) {
        long hash = FNV_OFFSET;
        for (byte b : (queue + "\n" + member).getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * FNV_PRIME;
        }
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return hash ^ (hash >>> 33);
    }
}
