package io.litetopic.it;

import apache.rocketmq.v2.ClientType;
import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.Status;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * One RPC of a lite client, as a request to topic {@code inference} and group {@code workers}.
 *
 * @param entitled what a client may be answered that has all rights
 */
record LiteRpc(String name, boolean namesGroup, Function<SignedClient, Status> call, Set<Code> entitled) {

    /** Every RPC that lite clients use. */
    static List<LiteRpc> all() {
        return List.of(
                rpc("query route", false, client -> client.queryRoute("inference"), Code.OK),
                rpc("producer telemetry", false, client -> client.producerTelemetry("inference"), Code.OK),
                rpc("send", false, client -> client.sendLite("inference", "user-1"), Code.OK),
                rpc("query assignment", true, client -> client.queryAssignment("inference", "workers"), Code.OK),
                rpc("telemetry", true, client -> client.telemetry("inference", "workers"), Code.OK),
                rpc("sync subscription", true, client -> client.subscribe("inference", "workers", "user-2"), Code.OK),
                rpc(
                        "receive",
                        true,
                        client -> client.receive("inference", "workers", Duration.ofMillis(200))
                                .status(),
                        Code.MESSAGE_NOT_FOUND),
                rpc("ack", true, client -> client.ack("inference", "workers", "bad"), Code.INVALID_RECEIPT_HANDLE),
                rpc(
                        "change invisible duration",
                        true,
                        client -> client.changeInvisibleDuration("inference", "workers", "bad"),
                        Code.INVALID_RECEIPT_HANDLE),
                rpc(
                        "forward to dead letter queue",
                        true,
                        client -> client.forwardToDeadLetterQueue("inference", "workers", "bad"),
                        Code.INVALID_RECEIPT_HANDLE),
                rpc("heartbeat", true, client -> client.heartbeat("workers", ClientType.LITE_PUSH_CONSUMER), Code.OK),
                rpc(
                        "heartbeat of unknown type",
                        true,
                        client -> client.heartbeat("workers", ClientType.PRODUCER),
                        Code.OK),
                rpc("notify termination", true, client -> client.notifyTermination("workers"), Code.OK));
    }

    private static LiteRpc rpc(String name, boolean namesGroup, Function<SignedClient, Status> call, Code... entitled) {
        return new LiteRpc(name, namesGroup, call, Set.of(entitled));
    }

    Status call(SignedClient client) {
        return call.apply(client);
    }

    @Override
    public String toString() {
        return name;
    }
}
