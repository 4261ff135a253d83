package io.litetopic.testkit;

import apache.rocketmq.v2.Address;
import apache.rocketmq.v2.AddressScheme;
import apache.rocketmq.v2.Endpoints;
import apache.rocketmq.v2.MessagingServiceGrpc;
import apache.rocketmq.v2.QueryRouteRequest;
import apache.rocketmq.v2.QueryRouteResponse;
import apache.rocketmq.v2.Resource;
import java.io.IOException;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.shaded.io.grpc.ManagedChannel;
import org.apache.rocketmq.shaded.io.grpc.ManagedChannelBuilder;
import org.apache.rocketmq.shaded.io.grpc.Metadata;
import org.apache.rocketmq.shaded.io.grpc.StatusRuntimeException;
import org.apache.rocketmq.shaded.io.grpc.stub.MetadataUtils;
import org.jspecify.annotations.Nullable;

/**
 * One QueryRoute call to the proxy on 127.0.0.1, with the headers that official clients send. The only class that knows
 * the shaded gRPC of the official client.
 */
final class RouteProbe {
    private static final long TIMEOUT_SECONDS = 3;

    private RouteProbe() {}

    /**
     * What the proxy said.
     *
     * @param code name of the status code; any at all means that the proxy serves requests
     * @param message explanation of the status
     * @param acceptedTypes message types that at least one queue of the topic accepts; empty without a route
     */
    record Answer(String code, String message, Set<String> acceptedTypes) {
        boolean isOk() {
            return code.equals("OK");
        }
    }

    /**
     * Asks for the route of {@code topic}. Blocks.
     *
     * @throws IOException if the proxy does not answer
     */
    static Answer ask(int grpcPort, String topic) throws IOException {
        return ask(grpcPort, topic, null);
    }

    /**
     * Like {@link #ask(int, String)}.
     *
     * @param user as whom; null without credentials
     */
    static Answer ask(int grpcPort, String topic, @Nullable SuperUser user) throws IOException {
        ManagedChannel channel = ManagedChannelBuilder.forAddress(Loopback.HOST, grpcPort)
                .usePlaintext()
                .build();
        try {
            QueryRouteResponse response = MessagingServiceGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(user)))
                    .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .queryRoute(request(grpcPort, topic));
            Set<String> types = new TreeSet<>();
            response.getMessageQueuesList()
                    .forEach(queue -> queue.getAcceptMessageTypesList().forEach(type -> types.add(type.name())));
            return new Answer(
                    response.getStatus().getCode().name(), response.getStatus().getMessage(), types);
        } catch (StatusRuntimeException e) {
            throw new IOException("QueryRoute failed: " + e.getStatus(), e);
        } finally {
            channel.shutdownNow();
        }
    }

    private static QueryRouteRequest request(int grpcPort, String topic) {
        return QueryRouteRequest.newBuilder()
                .setTopic(Resource.newBuilder().setName(topic))
                .setEndpoints(Endpoints.newBuilder()
                        .setScheme(AddressScheme.IPv4)
                        .addAddresses(
                                Address.newBuilder().setHost(Loopback.HOST).setPort(grpcPort)))
                .build();
    }

    private static Metadata headers(@Nullable SuperUser user) {
        Metadata headers = new Metadata();
        put(headers, "x-mq-language", "JAVA");
        put(headers, "x-mq-protocol", "v2");
        put(headers, "x-mq-client-version", "5.2.0");
        String dateTime = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").format(ZonedDateTime.now(ZoneOffset.UTC));
        put(headers, "x-mq-date-time", dateTime);
        if (user != null) {
            put(headers, "authorization", user.authorization(dateTime));
        }
        put(headers, "x-mq-request-id", UUID.randomUUID().toString());
        put(headers, "x-mq-client-id", "litetopic-testkit");
        put(headers, "x-mq-namespace", "");
        return headers;
    }

    private static void put(Metadata headers, String name, String value) {
        headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    }
}
