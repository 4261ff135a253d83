package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.MessagingServiceGrpc;
import apache.rocketmq.v2.Status;
import apache.rocketmq.v2.SyncLiteSubscriptionRequest;
import apache.rocketmq.v2.SyncLiteSubscriptionResponse;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.litetopic.proxy.cluster.ClusterView;
import io.litetopic.proxy.rocketmq.ClientIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Tells the other proxies of a bind topic what a client subscribes to. The published clients tell one proxy only, the one they
 * happen to have their first connection to, but receive from all. The request goes on as it came, with the client's id and
 * credentials, so every proxy checks it by itself.
 *
 * <p>A client that tells each proxy by itself is not spoken for: what comes through others might overtake what it says later.
 *
 * <p>Thread-safe; nothing blocks.
 */
final class SubscriptionRelay implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");
    private static final Metadata.Key<String> RELAYED =
            Metadata.Key.of("x-litetopic-relayed", Metadata.ASCII_STRING_MARSHALLER);
    private static final long TIMEOUT_MILLIS = 3_000;
    /** Longer than clients wait before they repeat their whole set. */
    private static final long DIRECT_SECONDS = 45;

    private static final int MAX_DIRECT = 100_000;

    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
    private final Cache<String, Boolean> direct = CacheBuilder.newBuilder()
            .expireAfterWrite(DIRECT_SECONDS, TimeUnit.SECONDS)
            .maximumSize(MAX_DIRECT)
            .build();

    /** Whether the request of the current gRPC thread comes from another proxy. */
    static boolean isRelayed() {
        return ClientIdentity.headers().containsKey(RELAYED);
    }

    /** The client has come by itself. */
    void cameDirectly(String clientId, String group) {
        direct.put(clientId + '\n' + group, true);
    }

    boolean comesDirectly(String clientId, String group) {
        return direct.getIfPresent(clientId + '\n' + group) != null;
    }

    /**
     * @param headers {@link ClientIdentity#headers} of the request
     * @return the first refusal of another proxy; null if there is none. One that cannot be reached is logged: if it is gone its queues
     *     go to proxies that know; else it hears of it when the client repeats its whole set
     */
    CompletableFuture<@Nullable Status> relay(
            SyncLiteSubscriptionRequest request, Metadata headers, @Nullable ClusterView view) {
        List<CompletableFuture<@Nullable Status>> answers = new ArrayList<>();
        if (view != null) {
            for (String address : view.addressesOfOthers()) {
                answers.add(relay(request, headers, address));
            }
        }
        return CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
                .thenApply(done -> {
                    for (CompletableFuture<@Nullable Status> answer : answers) {
                        Status refusal = answer.join();
                        if (refusal != null) {
                            return refusal;
                        }
                    }
                    return null;
                });
    }

    private CompletableFuture<@Nullable Status> relay(
            SyncLiteSubscriptionRequest request, Metadata headers, String address) {
        CompletableFuture<@Nullable Status> refusal = new CompletableFuture<>();
        Metadata relayed = new Metadata();
        relayed.merge(headers);
        relayed.put(RELAYED, "true");
        MessagingServiceGrpc.newStub(channels.computeIfAbsent(address, SubscriptionRelay::connect))
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(relayed))
                .withDeadlineAfter(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                .syncLiteSubscription(request, new StreamObserver<SyncLiteSubscriptionResponse>() {
                    @Override
                    public void onNext(SyncLiteSubscriptionResponse response) {
                        Status status = response.getStatus();
                        refusal.complete(status.getCode() == Code.OK ? null : status);
                    }

                    @Override
                    public void onError(Throwable error) {
                        log.warn(
                                "subscription not told to another proxy consumerGroup={} address={} reason={}",
                                request.getGroup().getName(),
                                address,
                                error.getMessage());
                        refusal.complete(null);
                    }

                    @Override
                    public void onCompleted() {
                        refusal.complete(null);
                    }
                });
        return refusal;
    }

    private static ManagedChannel connect(String address) {
        return ManagedChannelBuilder.forTarget("dns:///" + address)
                .usePlaintext()
                .idleTimeout(1, TimeUnit.MINUTES)
                .build();
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
