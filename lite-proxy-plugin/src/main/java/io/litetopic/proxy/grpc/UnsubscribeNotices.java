package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.NotifyUnsubscribeLiteCommand;
import apache.rocketmq.v2.TelemetryCommand;
import io.litetopic.proxy.engine.UnsubscribeReason;
import io.litetopic.proxy.grpc.ClientStreams.ClientStream;
import io.litetopic.proxy.runtime.UnsubscribeNotifier;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;

/**
 * Tells a client over its telemetry stream which subscription it has lost. Without a stream, or with one that takes nothing, the
 * notice is dropped. Thread-safe.
 */
final class UnsubscribeNotices implements UnsubscribeNotifier {
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final ClientStreams streams;
    private final Executor responders;

    UnsubscribeNotices(ClientStreams streams, Executor responders) {
        this.streams = streams;
        this.responders = responders;
    }

    @Override
    public void unsubscribed(String clientId, String group, String liteTopic, UnsubscribeReason reason) {
        try {
            responders.execute(() -> tell(clientId, group, liteTopic, reason));
        } catch (RejectedExecutionException e) {
            log.debug("client is not told of its lost subscription: closing", e);
        }
    }

    /** Whether the client of the group has a stream on which it can be told. */
    boolean canTell(String clientId, String group) {
        ClientStream stream = streams.of(clientId);
        return stream != null && stream.group.equals(group);
    }

    private void tell(String clientId, String group, String liteTopic, UnsubscribeReason reason) {
        ClientStream stream = streams.of(clientId);
        boolean isTold = stream != null
                && stream.group.equals(group)
                && stream.stream.send(TelemetryCommand.newBuilder()
                        .setNotifyUnsubscribeLiteCommand(
                                NotifyUnsubscribeLiteCommand.newBuilder().setLiteTopic(liteTopic))
                        .build());
        log.debug(
                "client lost a subscription consumerGroup={} clientId={} liteTopic={} reason={} isTold={}",
                group,
                clientId,
                liteTopic,
                reason,
                isTold);
    }
}
