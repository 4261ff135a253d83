package io.litetopic.lite.internal.producer;

import io.litetopic.lite.internal.Observers;
import io.litetopic.lite.internal.consumer.Futures;
import io.litetopic.lite.internal.rocketmq.OfficialClose;
import io.litetopic.lite.internal.rocketmq.OfficialErrors;
import io.litetopic.lite.internal.rocketmq.ProducerRoutes;
import java.time.Duration;
import java.util.Optional;
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
    private final ProducerRoutes routes;
    private final SendsUnderWay sends;
    private final Observers observers;

    /** @param sendLimit the longest time that a send may take */
    LiteProducer(
            Producer official,
            LiteMessageMapping mapping,
            ProducerRoutes routes,
            Duration sendLimit,
            Observers observers) {
        this.official = official;
        this.mapping = mapping;
        this.routes = routes;
        this.sends = new SendsUnderWay(sendLimit);
        this.observers = observers;
    }

    @Override
    public SendReceipt send(Message message) throws ClientException {
        ObservedSend observed = ObservedSend.begin(observers, message);
        try {
            Message carrier = mapping.map(message, observed.properties());
            SendReceipt receipt = send(message, () -> official.send(carrier));
            observed.ended(null);
            return receipt;
        } catch (ClientException | RuntimeException | Error e) {
            observed.ended(e);
            throw e;
        }
    }

    /** A lite message cannot be part of a transaction: stock transactions exclude message groups. */
    @Override
    public SendReceipt send(Message message, Transaction transaction) throws ClientException {
        Optional<String> liteTopic = LiteMessageMapping.liteTopic(message);
        if (liteTopic.isPresent()) {
            throw new IllegalArgumentException("a transactional message cannot have a lite topic [topic="
                    + message.getTopic() + ", liteTopic=" + liteTopic.get() + "]; send it without the transaction");
        }
        return send(message, () -> official.send(message, transaction));
    }

    private SendReceipt send(Message message, OfficialSend call) throws ClientException {
        CompletableFuture<Void> send = begin(message);
        routes.sending(message.getTopic());
        try {
            return call.send();
        } catch (ClientException e) {
            routes.sendFailed(message.getTopic(), e);
            throw OfficialErrors.ofSend(e, message);
        } catch (IllegalArgumentException e) {
            throw OfficialErrors.ofRefused(e, message);
        } catch (IllegalStateException e) {
            throw e;
        } catch (RuntimeException e) {
            routes.sendFailed(message.getTopic(), e);
            // The official producer lets the transport's unchecked exceptions through when no server can be reached.
            throw OfficialErrors.ofUnreachable(e, message);
        } finally {
            end(send);
        }
    }

    @Override
    public CompletableFuture<SendReceipt> sendAsync(Message message) {
        ObservedSend observed = ObservedSend.begin(observers, message);
        try {
            CompletableFuture<SendReceipt> result = sendAsync(message, mapping.map(message, observed.properties()));
            Futures.onDone(result, receipt -> observed.ended(null), observed::ended);
            return result;
        } catch (RuntimeException | Error e) {
            observed.ended(e);
            throw e;
        }
    }

    private CompletableFuture<SendReceipt> sendAsync(Message message, Message carrier) {
        CompletableFuture<SendReceipt> result = new CompletableFuture<>();
        if (!sends.begin(result)) {
            result.completeExceptionally(closed(message));
            return result;
        }
        Futures.onDone(result, receipt -> sends.end(result), failure -> sends.end(result));
        routes.sending(message.getTopic());
        try {
            Futures.onDone(official.sendAsync(carrier), result::complete, failure -> {
                routes.sendFailed(message.getTopic(), failure);
                result.completeExceptionally(OfficialErrors.ofAsyncSend(failure, message));
            });
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
            throw e;
        }
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

    /**
     * Lets the sends that are under way end first, with a receipt or a failure; a send after that fails. Then blocks for 2 s
     * at most. What is called later does nothing.
     */
    @Override
    public void close() {
        if (sends.close()) {
            OfficialClose.close(official);
        }
    }

    private CompletableFuture<Void> begin(Message message) {
        CompletableFuture<Void> send = new CompletableFuture<>();
        if (!sends.begin(send)) {
            throw closed(message);
        }
        return send;
    }

    private void end(CompletableFuture<Void> send) {
        send.complete(null);
        sends.end(send);
    }

    private static IllegalStateException closed(Message message) {
        return new IllegalStateException("producer is closed [topic=" + message.getTopic() + "]; build a new one");
    }

    @FunctionalInterface
    private interface OfficialSend {
        SendReceipt send() throws ClientException;
    }
}
