package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.LiteException;
import io.litetopic.lite.LitePluginMissingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides whether a consumer may do without the plugin, and says what that means. */
final class PlainFifo {

    private static final Logger log = LoggerFactory.getLogger(PlainFifo.class);

    private static final String DEPLOY =
            "section \"Deploy the plugin into a proxy\" of LiteTopic's README; if it is deployed"
                    + " at the proxy already, look into its log: it did not start";

    private static final String JOURNAL_PREFIX =
            "LITE_JOURNAL_"; // plus the group; the plugin's, for all groups but odd ones

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

    private PlainFifo() {}

    /**
     * Makes sure that no proxy of the route has the plugin, that none has had it, and that topic and group keep the order. Blocks.
     *
     * @param cause what the server answered
     * @throws LiteException if a plain FIFO consumer must not start
     */
    static void check(ConsumerSettings settings, LiteTransport transport, LitePluginMissingException cause)
            throws LiteException {
        List<String> without = new ArrayList<>();
        List<String> with = new ArrayList<>();
        for (String proxy : transport.proxies()) {
            LiteException answer = failure(
                    transport.syncSubscription(proxy, SubscriptionSync.replace(Collections.emptySet())), settings);
            if (answer == null) {
                with.add(proxy);
            } else if (answer instanceof LitePluginMissingException) {
                without.add(proxy);
            } else {
                throw answer;
            }
        }
        if (!with.isEmpty()) {
            throw refused(
                    "some proxies of the route have the LiteTopic plugin and some have not, and both kinds must not serve"
                            + " the same bind topic; deploy the plugin on all of them, see " + DEPLOY + " [with=" + with
                            + ", without=" + without + "]",
                    settings,
                    cause);
        }
        String journal = JOURNAL_PREFIX + settings.consumerGroup();
        for (String proxy : without) {
            if (hasTopic(transport, proxy, journal, settings)) {
                throw refused(
                        "the LiteTopic plugin has served the consumer group, and may serve it at other proxies now, where a"
                                + " plain FIFO consumer would repeat messages and break their order. Connect to a proxy with"
                                + " the plugin. If it was removed for good, delete its state: mqadmin deleteTopic -n NAMESRV"
                                + " -c CLUSTER -t " + journal,
                        settings,
                        cause);
            }
        }
        StockFacts facts = transport.stockFacts();
        if (!facts.messageTypes().contains("FIFO")) {
            throw refused(
                    "without the LiteTopic plugin the bind topic must be of type FIFO, but it accepts "
                            + facts.messageTypes()
                            + "; run mqadmin updateTopic -n NAMESRV -c CLUSTER -t " + settings.bindTopic()
                            + " -a +message.type=FIFO, or deploy the plugin, see " + DEPLOY,
                    settings,
                    cause);
        }
        if (!facts.isOrderly()) {
            throw refused(
                    "without the LiteTopic plugin the consumer group must be orderly (consumeMessageOrderly), else messages"
                            + " of a lite topic overtake each other, but it is not, or it does not exist; run mqadmin"
                            + " updateSubGroup -n NAMESRV -c CLUSTER -g " + settings.consumerGroup()
                            + " -s true -o true -r 16, wait for half a minute and try again, or deploy the plugin, see "
                            + DEPLOY,
                    settings,
                    cause);
        }
    }

    private static LitePluginMissingException refused(
            String reason, ConsumerSettings settings, LitePluginMissingException cause) {
        return new LitePluginMissingException(
                "cannot start the consumer [bindTopic=" + settings.bindTopic() + ", consumerGroup="
                        + settings.consumerGroup() + "]: " + reason,
                null,
                cause);
    }

    /** The one line that an operator sees. */
    static void warn(ConsumerSettings settings) {
        log.warn(
                "no LiteTopic plugin at the proxy, consuming as plain FIFO bindTopic={} consumerGroup={} off=\"subscriptions: all"
                        + " lite topics of the bind topic come, subscribeLite and unsubscribeLite are refused; isolation of lite"
                        + " topics: one that is suspended, slow or failing delays all of its queue; exclusive groups;"
                        + " offset options; time to live; quotas; weights and rate limits\""
                        + " changed=\"suspends and retries rest in this process, {} h at most, and are taken over up to {} s late if"
                        + " it dies; a new group starts where stock starts it\" remedy=\"{}; requirePlugin(true) makes this an error\"",
                settings.bindTopic(),
                settings.consumerGroup(),
                PlainFifoTransport.MAX_REST.plusMinutes(1).toHours(),
                ConsumerSettings.INVISIBLE_DURATION.toMillis() / 1_000,
                DEPLOY);
    }

    static LitePluginMissingException noSubscriptions(String what, String liteTopic, ConsumerSettings settings) {
        return new LitePluginMissingException(
                "cannot " + what + " a lite topic [liteTopic=" + liteTopic + ", bindTopic=" + settings.bindTopic()
                        + ", consumerGroup=" + settings.consumerGroup()
                        + "]: the proxy runs without the LiteTopic plugin, so this consumer gets all lite topics of the bind"
                        + " topic; leave the call out and tell them apart in the listener, or deploy the plugin, see "
                        + DEPLOY,
                null,
                null);
    }

    private static boolean hasTopic(LiteTransport transport, String proxy, String topic, ConsumerSettings settings)
            throws LiteException {
        CompletableFuture<Boolean> answer = transport.hasTopic(proxy, topic);
        LiteException failure = failure(answer, settings);
        if (failure != null) {
            throw failure;
        }
        return answer.join();
    }

    private static @Nullable LiteException failure(CompletableFuture<?> answer, ConsumerSettings settings)
            throws LiteException {
        try {
            answer.get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return null;
        } catch (ExecutionException e) {
            Throwable cause = Futures.causeOf(e);
            return cause instanceof LiteException
                    ? (LiteException) cause
                    : new LiteException("cannot start the consumer: " + cause.getMessage(), true, null, cause);
        } catch (TimeoutException e) {
            throw new LiteException(
                    "cannot start the consumer [bindTopic=" + settings.bindTopic() + ", consumerGroup="
                            + settings.consumerGroup() + "]: no answer of a proxy within "
                            + ANSWER_TIMEOUT.toMillis() / 1_000
                            + " s; try again",
                    true,
                    null,
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LiteException("interrupted while the consumer started; try again", true, null, e);
        }
    }
}
