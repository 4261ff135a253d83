package io.litetopic.it;

import static org.awaitility.Awaitility.await;

import io.litetopic.testkit.StockCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What operators find in the dead letter queue of a group with the stock tool. */
final class DeadLetters {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Pattern MESSAGE = Pattern.compile("(?m)^MSGID: .* properties=\\{(.*?)}, .* BODY: (.*)$");

    private DeadLetters() {}

    /** A message of the queue; the properties of user and system together. */
    record DeadLetter(Map<String, String> properties, String body) {
        String liteTopic() {
            return properties.getOrDefault("__LITE_TOPIC", "");
        }
    }

    /** Waits until the queue has so many and returns all that it has; call it for a queue that exists. */
    static List<DeadLetter> of(StockCluster cluster, String group, int count) {
        String topic = "%DLQ%" + group;
        Mqadmin mqadmin = new Mqadmin(cluster);
        // The dead letter queue is a stock topic; giving it read permission is how operators look into it.
        mqadmin.run("updateTopicPerm", "-b", cluster.brokerAddress(), "-t", topic, "-p", "6");
        return await().atMost(TIMEOUT)
                .until(() -> parse(mqadmin.run("printMsg", "-t", topic, "-d", "true")), found -> found.size() >= count);
    }

    private static List<DeadLetter> parse(String output) {
        List<DeadLetter> found = new ArrayList<>();
        Matcher message = MESSAGE.matcher(output);
        while (message.find()) {
            Map<String, String> properties = new HashMap<>();
            for (String property : message.group(1).split(", ", -1)) {
                int equals = property.indexOf('=');
                properties.put(property.substring(0, equals), property.substring(equals + 1));
            }
            found.add(new DeadLetter(properties, message.group(2).strip()));
        }
        return found;
    }
}
