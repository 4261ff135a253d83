package io.litetopic.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random commands against {@link EngineModel}. A failure names its seed and the step; {@code -Dlite.model.seeds} and
 * {@code -Dlite.model.steps} make a longer soak.
 */
class GroupEngineProperties {
    private static final int SEEDS = Integer.getInteger("lite.model.seeds", 6_000);
    private static final int STEPS = Integer.getInteger("lite.model.steps", 1_000);
    private static final long FIRST_SEED = Long.getLong("lite.model.firstSeed", 1);

    @Test
    void keepsItsInvariantsUnderRandomCommands() {
        Reached reached = LongStream.range(FIRST_SEED, FIRST_SEED + SEEDS)
                .parallel()
                .mapToObj(seed -> Reached.by(run(seed, STEPS)))
                .reduce(Reached.NOTHING, Reached::plus);

        // The walk must reach what it is meant to test.
        assertThat(reached.delivered).isGreaterThan((long) SEEDS * STEPS / 50);
        assertThat(reached.deadLettered).isPositive();
        assertThat(reached.expired).isPositive();
        assertThat(reached.reread).isPositive();
        assertThat(reached.scanned).isPositive();
        assertThat(reached.cut).isPositive();
        assertThat(reached.replayed).isPositive();
        assertThat(reached.skipped).isPositive();
        assertThat(reached.takenOver).isPositive();
        assertThat(reached.unsubscribed).isPositive();
        assertThat(reached.recovered).isPositive();
        assertThat(reached.crashed).isPositive();
        assertThat(reached.snapshotsTaken).isPositive();
    }

    /** How often the walks came to what. */
    private record Reached(
            long delivered,
            long deadLettered,
            long expired,
            long reread,
            long scanned,
            long cut,
            long replayed,
            long skipped,
            long takenOver,
            long unsubscribed,
            long recovered,
            long crashed,
            long snapshotsTaken) {
        static final Reached NOTHING = new Reached(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

        static Reached by(EngineModel model) {
            return new Reached(
                    model.delivered,
                    model.deadLettered,
                    model.expired,
                    model.reread,
                    model.scanned,
                    model.cut,
                    model.group.replayed,
                    model.skipped,
                    model.takenOver,
                    model.unsubscribed,
                    model.recovered,
                    model.crashed,
                    model.journal.snapshotsTaken);
        }

        Reached plus(Reached other) {
            return new Reached(
                    delivered + other.delivered,
                    deadLettered + other.deadLettered,
                    expired + other.expired,
                    reread + other.reread,
                    scanned + other.scanned,
                    cut + other.cut,
                    replayed + other.replayed,
                    skipped + other.skipped,
                    takenOver + other.takenOver,
                    unsubscribed + other.unsubscribed,
                    recovered + other.recovered,
                    crashed + other.crashed,
                    snapshotsTaken + other.snapshotsTaken);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void sameSeedGivesSameRun(long seed) {
        assertThat(run(seed, 300).delivered).isEqualTo(run(seed, 300).delivered);
    }

    static EngineModel run(long seed, int steps) {
        EngineModel model = new EngineModel(seed, 1 + (int) (seed % 3), variant(seed));
        int step = 0;
        try {
            for (; step < steps; step++) {
                randomCommand(model);
                if (model.random.nextInt(4) != 0) {
                    model.step();
                }
            }
            drain(model);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed=" + seed + " step=" + step + ": " + e.getMessage(), e);
        }
        return model;
    }

    private static ModelGroup.Variant variant(long seed) {
        SplittableRandom random = new SplittableRandom(seed * 31);
        SubscriptionMode[] modes = SubscriptionMode.values();
        ExpiryPolicy[] policies = ExpiryPolicy.values();
        boolean hasSmallIndex = random.nextInt(10) == 0;
        return new ModelGroup.Variant(
                random.nextInt(2) == 0 ? SubscriptionMode.SHARED : modes[random.nextInt(modes.length)],
                random.nextInt(3) == 0 ? 200_000_000L : EngineSettings.NO_TTL,
                policies[random.nextInt(policies.length)],
                hasSmallIndex || random.nextBoolean() ? 60 : 1 << 20,
                hasSmallIndex ? 2_200 : 1 << 20,
                random.nextInt(4) == 0 ? 2 : 1_024,
                random.nextInt(4) == 0);
    }

    private static void randomCommand(EngineModel model) {
        SplittableRandom random = model.random;
        String client = "c" + random.nextInt(3);
        String liteTopic = "t" + random.nextInt(6);
        switch (random.nextInt(26)) {
            case 0, 1, 2, 3 -> model.send(liteTopic);
            case 4, 5, 6 -> {
                if (model.broker.reads.size() > 0) {
                    int most = model.group.variant.indexBudget() < 10_000 ? 200 : 4;
                    model.answerRead(random.nextInt(model.broker.reads.size()), 1 + random.nextInt(most));
                }
            }
            case 7 -> {
                if (model.broker.reads.size() > 0) {
                    model.failRead(random.nextInt(model.broker.reads.size()));
                }
            }
            case 8, 9 -> model.subscribe(client, liteTopic, null);
            case 10 -> {
                if (random.nextInt(3) == 0) {
                    model.unsubscribe(client, liteTopic);
                }
            }
            case 11, 12, 13 -> {
                long invisible = random.nextBoolean() ? Poll.WHILE_CLIENT_LIVES : 50 + random.nextInt(400);
                int perTopic = random.nextBoolean() ? 1 : 3;
                model.poll(client, 1 + random.nextInt(5), perTopic, invisible, 1 + random.nextInt(300));
            }
            case 14, 15, 16 -> withHeld(model, (id, held) -> model.ack(id, held));
            case 17 -> withHeld(model, (id, held) -> model.suspend(id, held, 1 + random.nextInt(500)));
            case 18 -> withHeld(model, (id, held) -> model.changeInvisible(id, held, random.nextInt(300)));
            case 19 -> {
                int kind = random.nextInt(9);
                if (kind == 0 && model.group.clients.containsKey(client)) {
                    model.terminate(client);
                } else if (kind == 1 && model.group.clients.containsKey(client)) {
                    model.disconnect(client);
                } else if (kind == 3 && model.group.clients.containsKey(client)) {
                    model.connect(client);
                } else if (kind == 4) {
                    model.cancelPoll();
                } else if (kind == 5) {
                    withHeld(model, model::returnDelivery);
                } else if (kind == 6) {
                    if (random.nextInt(4) == 0) {
                        model.loseAndAcquireQueue(random.nextInt(model.broker.queues.size()));
                    }
                } else if (kind == 7) {
                    switch (random.nextInt(6)) {
                        case 0 -> model.crash();
                        case 1 -> model.drainQueue(random.nextInt(model.broker.queues.size()));
                        default -> model.stopDelivering(!model.group.isStopped && random.nextBoolean());
                    }
                } else if (kind == 2) {
                    model.advance(100_000_000L + random.nextInt(200_000_000));
                }
            }
            case 21 -> {
                int slot = random.nextInt(model.broker.queues.size());
                if (random.nextBoolean()) {
                    model.takeChanges(slot);
                } else {
                    model.continueSnapshot(slot);
                }
            }
            case 20 -> model.advance(random.nextInt(400));
            case 22 -> {
                if (random.nextInt(4) == 0) {
                    model.subscribe(client, liteTopic, startPoint(model));
                }
            }
            case 23 -> {
                int kind = random.nextInt(6);
                if (kind == 0) {
                    model.subscribeExactly(client, new LinkedHashSet<>(List.of(liteTopic, "t" + random.nextInt(6))));
                } else if (kind == 1) {
                    model.permit(client, liteTopic, random.nextBoolean());
                } else if (kind == 2 && model.group.variant.indexBudget() < 10_000) {
                    for (int i = 0; i < 400; i++) {
                        model.send(liteTopic);
                    }
                }
            }
            case 24, 25 -> {
                if (model.broker.scans.size() > 0) {
                    model.answerScan(
                            random.nextInt(model.broker.scans.size()), 1 + random.nextInt(64), random.nextInt(8) == 0);
                }
            }
            default -> {
                if (model.broker.rereads.size() > 0) {
                    model.answerReread(random.nextInt(model.broker.rereads.size()), random.nextInt(5) == 0);
                } else if (model.broker.deadLetters.size() > 0) {
                    model.answerDeadLetter(random.nextInt(model.broker.deadLetters.size()));
                }
            }
        }
    }

    private static StartPoint startPoint(EngineModel model) {
        long[] offsets = new long[model.broker.queues.size()];
        for (int slot = 0; slot < offsets.length; slot++) {
            offsets[slot] = model.random.nextInt(model.broker.queues.get(slot).size() + 1);
        }
        return model.random.nextInt(3) == 0
                ? StartPoint.tail(model.random.nextInt(4), new long[model.broker.queues.size()])
                : StartPoint.at(offsets);
    }

    private interface HeldAction {
        void act(String clientId, ModelGroup.Held held);
    }

    private static void withHeld(EngineModel model, HeldAction action) {
        List<String> holders = new ArrayList<>();
        model.group.clients.forEach((id, client) -> {
            if (!client.held.isEmpty()) {
                holders.add(id);
            }
        });
        if (!holders.isEmpty()) {
            String id = holders.get(model.random.nextInt(holders.size()));
            List<ModelGroup.Held> held = model.group.client(id).held;
            action.act(id, held.get(model.random.nextInt(held.size())));
        }
    }

    /** Everything that was sent is settled in the end, whatever went before. */
    private static void drain(EngineModel model) {
        model.stopDelivering(false);
        for (int slot = 0; slot < model.broker.queues.size(); slot++) {
            if (model.group.draining.get(slot)) {
                model.loseAndAcquireQueue(slot);
            }
        }
        for (int topic = 0; topic < 6; topic++) {
            model.subscribe("c0", "t" + topic, null);
        }
        int rounds = 0;
        while (!model.group.isAllDone()) {
            assertThat(rounds++)
                    .as("rounds until all is settled: %s", model.group)
                    .isLessThan(20_000);
            while (model.broker.reads.size() > 0 && rounds % 2 == 0) {
                model.answerRead(0, 32);
            }
            while (model.broker.rereads.size() > 0) {
                model.answerReread(0, false);
            }
            while (model.broker.scans.size() > 0 && rounds % 3 == 0) {
                model.answerScan(0, 64, false);
                model.step();
            }
            while (model.broker.deadLetters.size() > 0) {
                model.answerDeadLetter(0);
            }
            model.poll("c0", 8, 4, Poll.WHILE_CLIENT_LIVES, 100);
            model.advance(model.group.variant.limitsRates() ? ModelGroup.RATE_INTERVAL : 150);
            for (ModelGroup.Held held : List.copyOf(model.group.client("c0").held)) {
                model.ack("c0", held);
            }
            model.step();
        }
        model.terminate("c0");
        model.advance(ModelGroup.MOST_REST); // a lite topic that is suspended and empty has a timer until then
        assertThat(model.leftovers()).as("nothing is kept of what is over").isZero();
    }
}
