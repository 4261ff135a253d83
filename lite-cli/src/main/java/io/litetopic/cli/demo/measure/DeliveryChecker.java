package io.litetopic.cli.demo.measure;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Decides whether each tenant's requests were processed completely, once, and in order. A redelivery that starts again from
 * an earlier request counts as duplicates, not as disorder; a request that begins while another one of the same tenant is in
 * work, or after a later one began, is out of order. Thread-safe.
 */
public final class DeliveryChecker {
    /** What the checker thinks of a request that begins. */
    public enum Verdict {
        IN_ORDER,
        DUPLICATE,
        OUT_OF_ORDER
    }

    /**
     * @param accepted requests that the broker confirmed
     * @param consumed different requests that were processed to the end
     * @param outOfOrder requests that began too early or too late
     * @param lost accepted requests that were never processed
     * @param duplicated requests processed once more than needed
     */
    public record Totals(long accepted, long consumed, long outOfOrder, long lost, long duplicated) {}

    private final List<TenantRecord> tenants = new ArrayList<>();

    public DeliveryChecker(int tenantCount) {
        for (int i = 0; i < tenantCount; i++) {
            tenants.add(new TenantRecord());
        }
    }

    /** The broker confirmed the request: from now on it must not get lost. */
    public void accepted(int tenant, int sequence) {
        tenants.get(tenant).accepted(sequence);
    }

    /** The gateway begins to process the request. */
    public Verdict begin(int tenant, int sequence) {
        return tenants.get(tenant).begin(sequence);
    }

    /** The request that {@link #begin} was called for is processed. */
    public void end(int tenant, int sequence) {
        tenants.get(tenant).end(sequence);
    }

    /** How many of the tenant's requests, counted from the first, are processed without a gap. */
    public int completedPrefix(int tenant) {
        return tenants.get(tenant).completedPrefix();
    }

    /** How many different requests of the tenant are processed. */
    public int completed(int tenant) {
        return tenants.get(tenant).completed();
    }

    public Totals totals() {
        long accepted = 0;
        long consumed = 0;
        long outOfOrder = 0;
        long lost = 0;
        long duplicated = 0;
        for (TenantRecord tenant : tenants) {
            synchronized (tenant) {
                accepted += tenant.accepted.cardinality();
                consumed += tenant.done.cardinality();
                outOfOrder += tenant.outOfOrder;
                lost += tenant.lost();
                duplicated += tenant.duplicated;
            }
        }
        return new Totals(accepted, consumed, outOfOrder, lost, duplicated);
    }

    /** All fields are guarded by the record itself. */
    private static final class TenantRecord {
        private final BitSet accepted = new BitSet();
        private final BitSet begun = new BitSet();
        private final BitSet done = new BitSet();
        private int inWork;
        private long outOfOrder;
        private long duplicated;

        synchronized void accepted(int sequence) {
            accepted.set(sequence);
        }

        synchronized Verdict begin(int sequence) {
            boolean overlaps = inWork > 0;
            inWork++;
            if (begun.get(sequence)) {
                duplicated++;
                return Verdict.DUPLICATE;
            }
            boolean overtaken = begun.length() > sequence;
            begun.set(sequence);
            if (overtaken || overlaps) {
                outOfOrder++;
                return Verdict.OUT_OF_ORDER;
            }
            return Verdict.IN_ORDER;
        }

        synchronized void end(int sequence) {
            inWork--;
            done.set(sequence);
        }

        synchronized int completedPrefix() {
            return done.nextClearBit(0);
        }

        synchronized int completed() {
            return done.cardinality();
        }

        synchronized long lost() {
            BitSet missing = (BitSet) accepted.clone();
            missing.andNot(done);
            return missing.cardinality();
        }
    }
}
