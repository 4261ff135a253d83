package io.litetopic.lite.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.litetopic.lite.ConsumeResult;
import io.litetopic.lite.LitePluginMissingException;
import io.litetopic.lite.LitePushConsumer;
import io.litetopic.lite.OffsetOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What a consumer does at a server without plugin, on its real threads. */
class PlainFifoConsumerTest {

    private final FakeTransport transport = new FakeTransport();
    private final List<String> consumed = new CopyOnWriteArrayList<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void noPlugin() {
        transport.withoutPlugin.add("p1");
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void detach() {
        logger().detachAppender(log);
    }

    @Test
    void consumesEverythingAndSaysOnceWhatIsOff() throws Exception {
        try (LitePushConsumer consumer = start(false)) {
            await().until(() -> transport.waitingReceives() > 0);
            transport.nextReceive().deliver(TestDelivery.of("q1.a", "1"), TestDelivery.of("q1.b", "2"));

            await().untilAsserted(() -> assertThat(transport.calls).containsExactly("ack 1", "ack 2"));
            assertThat(consumed).containsExactly("1", "2");
            assertThat(consumer.getLiteTopicSet()).isEmpty();
            transport.endLongPolls();
        }
        assertThat(warnings())
                .singleElement()
                .satisfies(warning -> assertThat(warning)
                        .contains("no LiteTopic plugin", "bindTopic=bind-topic", "consumerGroup=workers")
                        .contains("subscriptions", "isolation", "exclusive", "time to live", "quotas")
                        .contains("Deploy the plugin", "requirePlugin(true)"));
    }

    @Test
    void refusesSubscriptionsWithWhatToDo() throws Exception {
        try (LitePushConsumer consumer = start(false)) {
            assertThatThrownBy(() -> consumer.subscribeLite("a"))
                    .isInstanceOf(LitePluginMissingException.class)
                    .hasMessageContaining("liteTopic=a")
                    .hasMessageContaining("all lite topics")
                    .hasMessageContaining("deploy the plugin");
            assertThatThrownBy(() -> consumer.subscribeLite("a", OffsetOption.MIN_OFFSET))
                    .isInstanceOf(LitePluginMissingException.class);
            assertThatThrownBy(() -> consumer.unsubscribeLite("a")).isInstanceOf(LitePluginMissingException.class);
            transport.endLongPolls();
        }
    }

    @Test
    void doesNotStartIfThePluginIsRequired() {
        assertRefused(true, "no plugin at p1");
    }

    @Test
    void doesNotStartIfSomeProxiesHaveThePlugin() {
        transport.proxies = Set.of("p1", "p2");

        assertRefused(false, "with=[p2], without=[p1]");
    }

    @Test
    void doesNotStartIfThePluginHasServedTheGroup() {
        transport.topics.add("LITE_JOURNAL_workers");

        assertRefused(false, "mqadmin deleteTopic", "-t LITE_JOURNAL_workers");
    }

    @Test
    void doesNotStartIfTheGroupIsNotOrderly() {
        transport.stockFacts = StockFacts.of(false, 17, Set.of("FIFO"));

        assertRefused(false, "mqadmin updateSubGroup", "-g workers -s true -o true");
    }

    @Test
    void doesNotStartOnATopicThatKeepsNoOrder() {
        transport.stockFacts = StockFacts.of(true, 17, Set.of("NORMAL"));

        assertRefused(false, "[NORMAL]", "-t bind-topic -a +message.type=FIFO");
    }

    private void assertRefused(boolean requirePlugin, String... texts) {
        assertThatThrownBy(() -> start(requirePlugin))
                .isInstanceOf(LitePluginMissingException.class)
                .satisfies(failure -> assertThat(failure.getMessage()).contains(texts));
        assertThat(transport.closed).isTrue();
        assertThat(transport.waitingReceives()).isZero();
    }

    private LitePushConsumer start(boolean requirePlugin) throws Exception {
        return LitePushConsumerImpl.start(
                ConsumerSettings.of("bind-topic", "workers", 4, 1024, 1 << 20),
                message -> {
                    consumed.add(message.getMessageId().toString());
                    return ConsumeResult.SUCCESS;
                },
                null,
                transport,
                requirePlugin);
    }

    private List<String> warnings() {
        return log.list.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("io.litetopic.lite");
    }
}
