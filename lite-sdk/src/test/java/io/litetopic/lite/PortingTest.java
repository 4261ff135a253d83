package io.litetopic.lite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Code for the official client 5.2.0 compiles against this SDK once its imports are those of docs/migration.md and the provider has
 * its name here.
 */
class PortingTest {

    private static final Path PAGE = Path.of("..", "docs", "migration.md");
    private static final Pattern IMPORT_ROW = Pattern.compile(
            "\\| (`org\\.apache\\.rocketmq\\..*) \\| (?:the same names? in `io\\.litetopic\\.lite`.*) \\|");
    private static final Pattern NAME = Pattern.compile("`([\\w.]+)`");

    private static final String LITE_APP = """
        package app;

        import java.util.Set;
        import org.apache.rocketmq.client.apis.ClientConfiguration;
        import org.apache.rocketmq.client.apis.ClientException;
        import org.apache.rocketmq.client.apis.ClientServiceProvider;
        import org.apache.rocketmq.client.apis.SessionCredentialsProvider;
        import org.apache.rocketmq.client.apis.consumer.ConsumeResult;
        import org.apache.rocketmq.client.apis.consumer.LitePushConsumer;
        import org.apache.rocketmq.client.apis.consumer.LitePushConsumerBuilder;
        import org.apache.rocketmq.client.apis.consumer.MessageListener;
        import org.apache.rocketmq.client.apis.consumer.OffsetOption;
        import org.apache.rocketmq.client.apis.message.Message;
        import org.apache.rocketmq.client.apis.message.MessageView;
        import org.apache.rocketmq.client.apis.producer.Producer;
        import org.apache.rocketmq.client.apis.producer.SendReceipt;
        import org.apache.rocketmq.client.java.exception.LiteSubscriptionQuotaExceededException;
        import org.apache.rocketmq.client.java.exception.LiteTopicQuotaExceededException;

        public class LiteApp {
            private final ClientServiceProvider provider = ClientServiceProvider.loadService();

            ClientConfiguration configuration(SessionCredentialsProvider credentials) {
                return ClientConfiguration.newBuilder()
                        .setEndpoints("127.0.0.1:8081")
                        .setCredentialProvider(credentials)
                        .build();
            }

            LitePushConsumer consume(ClientConfiguration configuration) throws ClientException {
                MessageListener listener = this::handle;
                LitePushConsumerBuilder builder = provider.newLitePushConsumerBuilder()
                        .bindTopic("inference")
                        .setClientConfiguration(configuration)
                        .setConsumerGroup("workers")
                        .setConsumptionThreadCount(4)
                        .setMaxCacheMessageCount(100)
                        .setMaxCacheMessageSizeInBytes(1 << 20)
                        .setMessageListener(listener);
                LitePushConsumer consumer = builder.build();
                try {
                    consumer.subscribeLite("user-1");
                    consumer.subscribeLite("user-2", OffsetOption.ofTailN(10));
                    consumer.subscribeLite("user-3", OffsetOption.MIN_OFFSET);
                } catch (LiteSubscriptionQuotaExceededException e) {
                    consumer.unsubscribeLite("user-1");
                }
                Set<String> subscribed = consumer.getLiteTopicSet();
                System.out.println(consumer.getConsumerGroup() + subscribed);
                return consumer;
            }

            private ConsumeResult handle(MessageView message) {
                String text = message.getMessageId() + message.getLiteTopic().orElse("") + message.getBody();
                ConsumeResult result = text.isEmpty() ? ConsumeResult.FAILURE : ConsumeResult.SUCCESS;
                System.out.println(result.name());
                return result;
            }

            void produce(ClientConfiguration configuration, byte[] body) throws Exception {
                try (Producer producer = provider.newProducerBuilder()
                        .setClientConfiguration(configuration)
                        .setTopics("inference")
                        .build()) {
                    Message message = provider.newMessageBuilder()
                            .setTopic("inference")
                            .setLiteTopic("user-1")
                            .setKeys("key")
                            .setBody(body)
                            .build();
                    SendReceipt receipt = producer.send(message);
                    System.out.println(receipt.getMessageId());
                } catch (LiteTopicQuotaExceededException e) {
                    System.out.println("full");
                } catch (ClientException e) {
                    System.out.println("failed");
                }
            }
        }
        """;

    private static final String ORDINARY_APP = """
        package app;

        import java.time.Duration;
        import java.util.Collections;
        import org.apache.rocketmq.client.apis.ClientConfiguration;
        import org.apache.rocketmq.client.apis.ClientServiceProvider;
        import org.apache.rocketmq.client.apis.consumer.ConsumeResult;
        import org.apache.rocketmq.client.apis.consumer.FilterExpression;
        import org.apache.rocketmq.client.apis.consumer.PushConsumer;
        import org.apache.rocketmq.client.apis.consumer.SimpleConsumer;
        import org.apache.rocketmq.client.apis.message.MessageView;
        import org.apache.rocketmq.client.apis.producer.Producer;
        import org.apache.rocketmq.client.apis.producer.Transaction;
        import org.apache.rocketmq.client.apis.producer.TransactionResolution;

        public class OrdinaryApp {
            void run(ClientConfiguration configuration, byte[] body) throws Exception {
                ClientServiceProvider provider = ClientServiceProvider.loadService();
                try (Producer producer = provider.newProducerBuilder()
                                .setClientConfiguration(configuration)
                                .setTransactionChecker(view -> TransactionResolution.COMMIT)
                                .setTopics("orders")
                                .build();
                        PushConsumer pushConsumer = provider.newPushConsumerBuilder()
                                .setClientConfiguration(configuration)
                                .setConsumerGroup("readers")
                                .setSubscriptionExpressions(
                                        Collections.singletonMap("orders", FilterExpression.SUB_ALL))
                                .setMessageListener(view -> ConsumeResult.SUCCESS)
                                .build();
                        SimpleConsumer simpleConsumer = provider.newSimpleConsumerBuilder()
                                .setClientConfiguration(configuration)
                                .setConsumerGroup("pollers")
                                .setAwaitDuration(Duration.ofSeconds(5))
                                .setSubscriptionExpressions(
                                        Collections.singletonMap("orders", FilterExpression.SUB_ALL))
                                .build()) {
                    Transaction transaction = producer.beginTransaction();
                    producer.send(
                            provider.newMessageBuilder().setTopic("orders").setBody(body).build(), transaction);
                    transaction.commit();
                    for (MessageView view : simpleConsumer.receive(1, Duration.ofSeconds(30))) {
                        simpleConsumer.ack(view);
                    }
                }
            }
        }
        """;

    @TempDir
    Path classes;

    @Test
    void liteCodeIsPortedByItsImportsAndTheNameOfTheProvider() throws Exception {
        assertThat(errors("LiteApp", LITE_APP)).as("as it was").isEmpty();

        String ported = withLiteProvider(LITE_APP);
        for (String type : movedTypes()) {
            ported = ported.replace(
                    "import " + type + ";", "import io.litetopic.lite" + type.substring(type.lastIndexOf('.')) + ";");
        }

        assertThat(ported).doesNotContain("import org.apache.rocketmq.client.java", "apis.consumer");
        assertThat(errors("LiteApp", ported)).as("ported").isEmpty();
    }

    @Test
    void ordinaryCodeIsPortedByTheProviderAlone() {
        assertThat(errors("OrdinaryApp", ORDINARY_APP)).as("as it was").isEmpty();

        assertThat(errors("OrdinaryApp", withLiteProvider(ORDINARY_APP)))
                .as("ported")
                .isEmpty();
    }

    private static String withLiteProvider(String source) {
        return source.replace(
                        "org.apache.rocketmq.client.apis.ClientServiceProvider",
                        "io.litetopic.lite.LiteClientServiceProvider")
                .replaceAll("\\bClientServiceProvider\\b", "LiteClientServiceProvider");
    }

    /** From the table of imports: a row may name several types of one package. */
    private static List<String> movedTypes() throws Exception {
        List<String> types = Files.readAllLines(PAGE).stream()
                .map(IMPORT_ROW::matcher)
                .filter(Matcher::matches)
                .flatMap(row -> {
                    List<String> names = NAME.matcher(row.group(1))
                            .results()
                            .map(name -> name.group(1))
                            .toList();
                    String first = names.get(0);
                    String folder = first.substring(0, first.lastIndexOf('.') + 1);
                    return names.stream().map(name -> name.contains(".") ? name : folder + name);
                })
                .toList();
        assertThat(types).hasSizeGreaterThan(8);
        return types;
    }

    private String errors(String name, String source) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter errors = new StringWriter();
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///app/" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        List<String> options =
                List.of("-proc:none", "-d", classes.toString(), "-classpath", System.getProperty("java.class.path"));
        boolean compiled = compiler.getTask(errors, null, null, options, null, List.of(file))
                .call();
        return compiled ? "" : errors.toString();
    }
}
