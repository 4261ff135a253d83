package io.litetopic.lite.internal.producer;

import io.litetopic.lite.internal.consumer.Futures;
import io.litetopic.lite.internal.rocketmq.OfficialErrors;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.client.apis.producer.RecallReceipt;
import org.apache.rocketmq.client.apis.producer.SendReceipt;
import org.apache.rocketmq.client.apis.producer.Transaction;

/** The official producer, which learns of lite topics only through {@link LiteMessageMapping}. */
final class LiteProducer implements Producer {

    private final Producer official;
    private final LiteMessageMapping mapping;

    LiteProducer(Producer official, LiteMessageMapping mapping) {
        this.official = official;
        this.mapping = mapping;
    }

    @Override
    public SendReceipt send(Message message) throws ClientException {
        try {
            return official.send(mapping.map(message));
        } catch (ClientException e) {
            throw OfficialErrors.ofSend(e, message);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw e;
        } catch (RuntimeException e) {
            // The official producer lets the transport's unchecked exceptions through when no server can be reached.
            throw OfficialErrors.ofUnreachable(e, message);
        }
    }

    /** A lite message cannot be part of a transaction: stock transactions exclude message groups. */
    @Override
    public SendReceipt send(Message message, Transaction transaction) throws ClientException {
        if (message.getLiteTopic().isPresent()) {
            throw new IllegalArgumentException("a transactional message cannot have a lite topic [topic="
                    + message.getTopic() + ", liteTopic="
                    + message.getLiteTopic().get()
                    + "]; send it without the transaction");
        }
        return official.send(message, transaction);
    }

    @Override
    public CompletableFuture<SendReceipt> sendAsync(Message message) {
        Message carrier = mapping.map(message);
        CompletableFuture<SendReceipt> result = new CompletableFuture<>();
        Futures.onDone(
                official.sendAsync(carrier),
                result::complete,
                failure -> result.completeExceptionally(OfficialErrors.ofAsyncSend(failure, message)));
        return result;
    }

    @Override
    public Transaction beginTransaction() throws ClientException {
        return official.beginTransaction();
    }

    @Override
    public RecallReceipt recallMessage(String topic, String recallHandle) throws ClientException {
        return official.recallMessage(topic, recallHandle);
    }

    @Override
    public CompletableFuture<RecallReceipt> recallMessageAsync(String topic, String recallHandle) {
        return official.recallMessageAsync(topic, recallHandle);
    }

    @Override
    public void close() throws IOException {
        official.close();
    }
}
