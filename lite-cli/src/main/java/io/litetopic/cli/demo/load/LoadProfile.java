package io.litetopic.cli.demo.load;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Everything that shapes the load. Two runs with equal profiles see the same requests at the same times.
 *
 * @param wellBehavedTenants how many tenants stay within their allowance
 * @param wellBehavedRate requests per second of each of them, Poisson
 * @param floodingTenants how many tenants send far more than their allowance
 * @param floodingRate requests per second of each of them, Poisson
 * @param allowance requests per second that the gateway grants to each tenant
 * @param burst requests that a tenant may send at once after a pause
 * @param medianInference median of the simulated inference time, log-normal
 * @param inferenceSigma sigma of the log-normal distribution
 * @param maxInference longest simulated inference
 * @param workers consumer threads
 * @param warmUp time under load before the measured window
 * @param window the measured window
 * @param seed of every random choice
 */
public record LoadProfile(
        int wellBehavedTenants,
        double wellBehavedRate,
        int floodingTenants,
        double floodingRate,
        double allowance,
        int burst,
        Duration medianInference,
        double inferenceSigma,
        Duration maxInference,
        int workers,
        Duration warmUp,
        Duration window,
        long seed) {

    /** The demo's load: 17 well-behaved tenants at 4/s, 3 flooding at 200/s, an allowance of 10/s each. */
    public static LoadProfile gateway(Duration warmUp, Duration window, long seed) {
        return new LoadProfile(
                17, 4, 3, 200, 10, 10, Duration.ofMillis(20), 0.5, Duration.ofMillis(250), 16, warmUp, window, seed);
    }

    /** All tenants, well-behaved ones first; the position equals {@link Tenant#index()}. */
    public List<Tenant> tenants() {
        return IntStream.range(0, wellBehavedTenants + floodingTenants)
                .mapToObj(i -> new Tenant(i, "tenant-%02d".formatted(i + 1), i >= wellBehavedTenants))
                .toList();
    }

    /** When producers stop, counted from the start of the load. */
    public Duration length() {
        return warmUp.plus(window);
    }

    /** Whether a request due at that time belongs to the measured window. */
    public boolean isMeasured(long dueNanos) {
        return dueNanos >= warmUp.toNanos() && dueNanos < length().toNanos();
    }
}
