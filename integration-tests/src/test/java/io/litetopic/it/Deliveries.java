package io.litetopic.it;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a listener has seen, per lite topic in the order in which it saw it. Thread-safe. */
final class Deliveries {
    private final Map<String, List<Integer>> byLiteTopic = new LinkedHashMap<>();
    private int total;

    synchronized void add(String liteTopic, int number) {
        byLiteTopic.computeIfAbsent(liteTopic, name -> new ArrayList<>()).add(number);
        total++;
    }

    synchronized int total() {
        return total;
    }

    synchronized Map<String, List<Integer>> byLiteTopic() {
        Map<String, List<Integer>> copy = new LinkedHashMap<>();
        byLiteTopic.forEach((name, numbers) -> copy.put(name, List.copyOf(numbers)));
        return copy;
    }

    synchronized List<Integer> of(String liteTopic) {
        return List.copyOf(byLiteTopic.getOrDefault(liteTopic, List.of()));
    }
}
