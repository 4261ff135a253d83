package io.litetopic.cli.demo.load;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Every request of a run, fixed before it starts. Each tenant draws from a generator of its own, so leaving out the flooding
 * tenants does not change what the others send.
 */
public final class LoadSchedule {
    // odd constant of the golden ratio: spreads consecutive tenant indexes over the seed space
    private static final long TENANT_SEED_STEP = 0x9E3779B97F4A7C15L;

    private final List<Tenant> tenants;
    private final List<Request> requests;

    private LoadSchedule(List<Tenant> tenants, List<Request> requests) {
        this.tenants = tenants;
        this.requests = requests;
    }

    /** The whole load, or only the well-behaved part of it. */
    public static LoadSchedule of(LoadProfile profile, boolean withFlooding) {
        List<Request> requests = new ArrayList<>();
        for (Tenant tenant : profile.tenants()) {
            if (withFlooding || !tenant.flooding()) {
                addRequests(profile, tenant, requests);
            }
        }
        requests.sort(Comparator.comparingLong(Request::dueNanos)
                .thenComparingInt(Request::tenant)
                .thenComparingInt(Request::sequence));
        return new LoadSchedule(profile.tenants(), List.copyOf(requests));
    }

    private static void addRequests(LoadProfile profile, Tenant tenant, List<Request> into) {
        SplittableRandom random = new SplittableRandom(profile.seed() + (tenant.index() + 1) * TENANT_SEED_STEP);
        double rate = tenant.flooding() ? profile.floodingRate() : profile.wellBehavedRate();
        double nanosBetween = TimeUnit.SECONDS.toNanos(1) / rate;
        double medianMicros =
                TimeUnit.NANOSECONDS.toMicros(profile.medianInference().toNanos());
        double maxMicros = TimeUnit.NANOSECONDS.toMicros(profile.maxInference().toNanos());
        long end = profile.length().toNanos();
        double due = random.nextExponential() * nanosBetween;
        for (int sequence = 0; due < end; sequence++) {
            double micros = medianMicros * Math.exp(profile.inferenceSigma() * random.nextGaussian());
            into.add(new Request(tenant.index(), sequence, (long) due, (int) Math.min(micros, maxMicros)));
            due += random.nextExponential() * nanosBetween;
        }
    }

    /** All tenants of the profile, whether they send in this schedule or not. */
    public List<Tenant> tenants() {
        return tenants;
    }

    /** In order of {@link Request#dueNanos()}. */
    public List<Request> requests() {
        return requests;
    }
}
