package io.litetopic.proxy.journal;

import io.litetopic.proxy.broker.BrokerQueue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Names of the internal topics that hold journals. */
public final class JournalTopics {
    private static final String PREFIX = "LITE_JOURNAL_";
    private static final String HASH_PREFIX = "LITE_JOURNAL-";
    private static final int HASH_BYTES = 16;
    /** The broker's limit. */
    private static final int MAX_LENGTH = 127;

    private JournalTopics() {}

    /**
     * Topic with the journal of a group: {@code LITE_JOURNAL_} and the group. For a group that is too long for that or has
     * characters that a topic must not have: {@code LITE_JOURNAL-} and the first 32 hexadecimal digits of the SHA-256 of its UTF-8
     * bytes. No group's topic of the first kind is that of another group's of the second kind.
     */
    public static String topicOf(String group) {
        String plain = PREFIX + group;
        return plain.length() <= MAX_LENGTH && isLegal(group) ? plain : HASH_PREFIX + hash(group);
    }

    /** The stream that belongs to a queue of the group's bind topic: the queue with the same id on the same broker. */
    static BrokerQueue streamOf(String group, BrokerQueue queue) {
        return BrokerQueue.of(topicOf(group), queue.brokerName(), queue.queueId());
    }

    private static boolean isLegal(String group) {
        return group.chars()
                .allMatch(c -> (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || c == '%'
                        || c == '|'
                        || c == '-'
                        || c == '_');
    }

    private static String hash(String group) {
        byte[] digest;
        try {
            digest = MessageDigest.getInstance("SHA-256").digest(group.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < HASH_BYTES; i++) {
            hex.append(Character.forDigit(digest[i] >> 4 & 0xF, 16)).append(Character.forDigit(digest[i] & 0xF, 16));
        }
        return hex.toString();
    }
}
