package io.litetopic.proxy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.litetopic.proxy.broker.BrokerQueue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllocationTest {
    private static final List<BrokerQueue> QUEUES = queues(2, 32);

    private static List<BrokerQueue> queues(int brokers, int perBroker) {
        List<BrokerQueue> queues = new ArrayList<>();
        for (int broker = 0; broker < brokers; broker++) {
            for (int id = 0; id < perBroker; id++) {
                queues.add(BrokerQueue.of("chat", "broker-" + broker, id));
            }
        }
        return queues;
    }

    private static List<String> members(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> MemberId.of("host-" + i, "10.0.0." + i + ":8081"))
                .toList();
    }

    private static Map<BrokerQueue, String> allocate(Collection<BrokerQueue> queues, Collection<String> members) {
        return Allocation.of(queues, members, (member, broker) -> true);
    }

    private static Map<String, Long> loads(Map<BrokerQueue, String> owners) {
        return owners.values().stream().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    private static long moved(Map<BrokerQueue, String> before, Map<BrokerQueue, String> after) {
        return before.keySet().stream()
                .filter(queue -> !Objects.equals(before.get(queue), after.get(queue)))
                .count();
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "1,8,3", "2,8,3", "1,1,4", "1,3,5", "2,32,7", "4,16,10", "1,1024,6"})
    void givesEveryQueueToOneMemberAndAllMembersTheSameNumber(int brokers, int perBroker, int count) {
        List<BrokerQueue> queues = queues(brokers, perBroker);

        Map<BrokerQueue, String> owners = allocate(queues, members(count));

        assertThat(owners).containsOnlyKeys(queues);
        int share = queues.size() / count;
        Map<String, Long> loads = loads(owners);
        assertThat(loads.values()).allSatisfy(load -> assertThat(load).isBetween((long) share, share + 1L));
        assertThat(loads).hasSize(Math.min(count, queues.size()));
    }

    @Test
    void doesNotDependOnTheOrderInWhichQueuesAndMembersAreKnown() {
        List<BrokerQueue> queues = new ArrayList<>(QUEUES);
        List<String> members = new ArrayList<>(members(5));
        Map<BrokerQueue, String> owners = allocate(queues, members);

        Collections.shuffle(queues, new Random(7));
        Collections.shuffle(members, new Random(8));

        assertThat(allocate(queues, members)).isEqualTo(owners);
    }

    @ParameterizedTest
    @CsvSource({"2", "3", "4", "5", "8"})
    void movesLittleMoreThanItMustWhenAMemberGoesOrComes(int count) {
        Map<BrokerQueue, String> with = allocate(QUEUES, members(count));
        for (String gone : members(count)) {
            List<String> rest = new ArrayList<>(members(count));
            rest.remove(gone);

            Map<BrokerQueue, String> without = allocate(QUEUES, rest);

            long must = loads(with).getOrDefault(gone, 0L);
            assertThat(moved(with, without)).isBetween(must, must + QUEUES.size() / 4);
        }
    }

    @Test
    void queuesOfABrokerGoToMembersThatReachItOnly() {
        List<String> members = members(3);
        String cutOff = members.get(1);

        Map<BrokerQueue, String> owners =
                Allocation.of(QUEUES, members, (member, broker) -> !member.equals(cutOff) || broker.equals("broker-0"));

        assertThat(owners).containsOnlyKeys(QUEUES);
        owners.forEach((queue, owner) -> assertThat(
                        owner.equals(cutOff) && queue.brokerName().equals("broker-1"))
                .isFalse());
        assertThat(loads(owners).values()).allSatisfy(load -> assertThat(load).isBetween(12L, 28L));
    }

    @Test
    void nobodyOwnsWhatNobodyReaches() {
        assertThat(allocate(QUEUES, List.of())).isEmpty();
        assertThat(Allocation.of(QUEUES, members(2), (member, broker) -> broker.equals("broker-0")))
                .hasSize(32);
    }
}
