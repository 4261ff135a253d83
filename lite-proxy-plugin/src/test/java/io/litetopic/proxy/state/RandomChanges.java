package io.litetopic.proxy.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/** Random changes over few names and offsets, so that they meet each other. */
public final class RandomChanges {
    private final Random random;
    private long watermark;
    private long subscriptionsSince = 1_000;

    public RandomChanges(long seed) {
        this.random = new Random(seed);
    }

    /** The next change; the watermark grows a little over all of them. */
    public StateChanges next() {
        if (random.nextInt(4) == 0) {
            watermark += random.nextInt(20);
        }
        StateChanges.Builder changes = StateChanges.builder(watermark).doneRuns(runs());
        TreeSet<String> touched = new TreeSet<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            String name = liteTopic();
            if (touched.add(name)) {
                changes.remove(name);
            }
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            String name = liteTopic();
            if (touched.add(name)) {
                changes.set(liteTopicState(name));
            }
        }
        if (random.nextInt(3) > 0) {
            subscriptionsSince += random.nextInt(10) == 0 ? 1 : 0;
            changes.subscriptionsSince(subscriptionsSince);
            for (int i = random.nextInt(3); i > 0; i--) {
                changes.client(client());
            }
        }
        return changes.build();
    }

    private long[] runs() {
        int count = random.nextInt(4);
        long[] runs = new long[count * 2];
        long from = watermark;
        for (int i = 0; i < runs.length; i += 2) {
            from += 1L + random.nextInt(12);
            runs[i] = from;
            runs[i + 1] = 1L + random.nextInt(5);
            from += runs[i + 1];
        }
        return runs;
    }

    private LiteTopicState liteTopicState(String name) {
        boolean attempts = random.nextBoolean();
        return new LiteTopicState(
                name,
                random.nextBoolean(),
                random.nextBoolean() ? 1_700_000_000_000L + random.nextInt() : LiteTopicState.NONE,
                random.nextBoolean() ? random.nextInt(1_000_000) : LiteTopicState.NONE,
                attempts ? 1 + random.nextInt(10) : 0,
                attempts ? watermark : LiteTopicState.NONE);
    }

    private ClientChange client() {
        TreeSet<String> added = new TreeSet<>();
        TreeSet<String> removed = new TreeSet<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            added.add(liteTopic());
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            removed.add(liteTopic());
        }
        removed.removeAll(added);
        return new ClientChange(
                "client-" + random.nextInt(4), random.nextInt(4) == 0, List.copyOf(added), List.copyOf(removed));
    }

    private String liteTopic() {
        return "lite/" + random.nextInt(12) + "/\u00e4\u6f22\ud83d\ude00";
    }

    /** The state as text that is equal for equal states. */
    public static String describe(QueueState state) {
        TreeMap<String, String> liteTopics = new TreeMap<>();
        state.liteTopics().forEach(each -> liteTopics.put(each.name(), each.toString()));
        TreeMap<String, TreeSet<String>> subscriptions = new TreeMap<>();
        state.subscriptions().forEach((client, names) -> subscriptions.put(client, new TreeSet<>(names)));
        return "watermark " + state.watermark() + "\ndone " + java.util.Arrays.toString(state.doneRuns()) + "\n"
                + liteTopics + "\nsince " + state.subscriptionsSince() + "\n" + subscriptions;
    }

    /** The whole state in parts, as a snapshot writes it; part {@code index} of {@code count}. */
    public static StateChanges part(QueueState state, int index, int count) {
        StateChanges.Builder part = StateChanges.builder(state.watermark());
        if (index == 0) {
            part.doneRuns(state.doneRuns());
        }
        state.liteTopics().stream()
                .filter(each -> Math.floorMod(each.name().hashCode(), count) == index)
                .forEach(part::set);
        part.subscriptionsSince(state.subscriptionsSince());
        List<String> clients = new ArrayList<>(state.subscriptions().keySet());
        clients.removeIf(client -> Math.floorMod(client.hashCode(), count) != index);
        clients.forEach(client -> part.client(new ClientChange(
                client, true, List.copyOf(state.subscriptions().getOrDefault(client, java.util.Set.of())), List.of())));
        return part.build();
    }
}
