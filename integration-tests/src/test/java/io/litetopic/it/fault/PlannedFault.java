package io.litetopic.it.fault;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * One fault of a schedule.
 *
 * @param target index of the proxy or the consumer process, where there are several
 * @param seconds how long it lasts before what is broken is repaired
 */
record PlannedFault(FaultKind kind, int target, int seconds) {
    private static final int SHORT_SECONDS = 4;
    private static final int LONGER_THAN_A_LEASE_SECONDS = 70;

    /** Every kind once, briefly, in the order that the seed says. */
    static List<PlannedFault> shortSchedule(long seed, int proxies, int consumers) {
        Random random = new Random(seed);
        List<PlannedFault> faults = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            faults.add(new PlannedFault(kind, target(kind, random, proxies, consumers), SHORT_SECONDS));
        }
        Collections.shuffle(faults, random);
        return faults;
    }

    /** So many faults at random, with durations up to more than a lease of the broker. */
    static List<PlannedFault> longSchedule(long seed, int number, int proxies, int consumers) {
        Random random = new Random(seed);
        List<PlannedFault> faults = new ArrayList<>();
        List<FaultKind> kinds = new ArrayList<>();
        while (faults.size() < number) {
            if (kinds.isEmpty()) { // all come equally often
                Collections.addAll(kinds, FaultKind.values());
                Collections.shuffle(kinds, random);
            }
            FaultKind kind = kinds.remove(kinds.size() - 1);
            int seconds = random.nextInt(4) == 0 ? LONGER_THAN_A_LEASE_SECONDS : 1 + random.nextInt(20);
            faults.add(new PlannedFault(kind, target(kind, random, proxies, consumers), seconds));
        }
        return faults;
    }

    private static int target(FaultKind kind, Random random, int proxies, int consumers) {
        return switch (kind) {
            case KILL_CONSUMER, STOP_CONSUMER -> random.nextInt(consumers);
            case KILL_BROKER, STOP_BROKER, RESTART_BROKER, REFUSE_WRITES -> 0;
            default -> random.nextInt(proxies);
        };
    }

    @Override
    public String toString() {
        return kind + "(" + target + ", " + seconds + " s)";
    }
}
