package io.litetopic.lite.internal.producer;

import io.litetopic.lite.internal.Observers;
import io.litetopic.lite.internal.rocketmq.OfficialErrors;
import io.litetopic.lite.internal.rocketmq.ProducerRoutes;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.client.apis.producer.ProducerBuilder;
import org.apache.rocketmq.client.apis.producer.TransactionChecker;

/** The official producer builder; what it builds is wrapped. */
public final class LiteProducerBuilder implements ProducerBuilder {

    private final ClientServiceProvider provider;
    private final Observers observers;
    private final ProducerBuilder official;
    private String endpoints = "none";
    private List<String> topics = Collections.emptyList();
    private Duration requestTimeout = Duration.ZERO;
    private int maxAttempts = 3; // the official builder's default

    public LiteProducerBuilder(ClientServiceProvider provider, Observers observers) {
        this.provider = provider;
        this.observers = observers;
        this.official = provider.newProducerBuilder();
    }

    @Override
    public ProducerBuilder setClientConfiguration(ClientConfiguration clientConfiguration) {
        official.setClientConfiguration(clientConfiguration);
        endpoints = clientConfiguration.getEndpoints();
        requestTimeout = clientConfiguration.getRequestTimeout();
        return this;
    }

    @Override
    public ProducerBuilder setTopics(String... topics) {
        official.setTopics(topics);
        this.topics = Arrays.asList(topics.clone());
        return this;
    }

    @Override
    public ProducerBuilder setMaxAttempts(int maxAttempts) {
        official.setMaxAttempts(maxAttempts);
        this.maxAttempts = maxAttempts;
        return this;
    }

    @Override
    public ProducerBuilder setTransactionChecker(TransactionChecker checker) {
        official.setTransactionChecker(checker);
        return this;
    }

    @Override
    public Producer build() throws ClientException {
        // One more request for the route, and one for pauses between attempts.
        Duration sendLimit = requestTimeout.multipliedBy(maxAttempts + 2L);
        Producer producer = start();
        return new LiteProducer(
                producer,
                new LiteMessageMapping(provider),
                ProducerRoutes.of(producer, requestTimeout),
                sendLimit,
                observers);
    }

    private Producer start() throws ClientException {
        try {
            return official.build();
        } catch (IllegalStateException e) {
            // How the official builder says that the producer could not start; the reason is somewhere in its causes.
            throw OfficialErrors.ofStart(
                    "cannot start the producer [endpoints=" + endpoints + ", topics=" + topics + "]",
                    "check the endpoints, and that the topics exist",
                    e);
        }
    }
}
