package io.litetopic.cli.demo.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Open-loop load: every request is offered at its due time, whatever became of the ones before it, so a slow server does not
 * slow the load down (no coordinated omission). One thread walks the schedule; a lane per tenant keeps its sends in order.
 */
public final class LoadGenerator implements AutoCloseable {
    private static final int SENDER_THREADS = 2;

    private final LoadSchedule schedule;
    private final LoadClock clock;
    private final Function<Request, CompletableFuture<?>> sender;
    private final BiConsumer<Request, @Nullable Throwable> settled;
    private final CountDownLatch unsettled;
    private final ExecutorService senders;
    private final Thread walker;
    private volatile boolean closed;

    /**
     * @param sender sends a request; its future completes when the broker has it
     * @param settled told once per request, with the error if the send failed; must not throw
     */
    public LoadGenerator(
            LoadSchedule schedule,
            LoadClock clock,
            Function<Request, CompletableFuture<?>> sender,
            BiConsumer<Request, @Nullable Throwable> settled) {
        this.schedule = schedule;
        this.clock = clock;
        this.sender = sender;
        this.settled = settled;
        this.unsettled = new CountDownLatch(schedule.requests().size());
        this.senders = Executors.newFixedThreadPool(SENDER_THREADS, task -> new Thread(task, "demo-sender"));
        this.walker = new Thread(this::walk, "demo-load-generator");
    }

    /** Begins to send by the clock, which must be started. */
    public void start() {
        walker.start();
    }

    /** Blocks until every request of the schedule is settled; false if that takes longer than the time given. */
    public boolean awaitSettled(long timeout, TimeUnit unit) throws InterruptedException {
        return unsettled.await(timeout, unit);
    }

    private void walk() {
        List<TenantLane> lanes = new ArrayList<>();
        for (Tenant ignored : schedule.tenants()) {
            lanes.add(new TenantLane(sender, this::settle, senders));
        }
        for (Request request : schedule.requests()) {
            parkUntil(request.dueNanos());
            if (closed) {
                return;
            }
            lanes.get(request.tenant()).offer(request);
        }
    }

    private void settle(Request request, @Nullable Throwable error) {
        settled.accept(request, error);
        unsettled.countDown();
    }

    private void parkUntil(long dueNanos) {
        for (long left = dueNanos - clock.nowNanos(); left > 0 && !closed; left = dueNanos - clock.nowNanos()) {
            LockSupport.parkNanos(this, left);
        }
    }

    /** Stops offering. Requests that were offered may still settle. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(walker);
        senders.shutdown();
    }
}
