package io.litetopic.proxy.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.MessagingServiceGrpc;
import apache.rocketmq.v2.QueryRouteRequest;
import apache.rocketmq.v2.QueryRouteResponse;
import apache.rocketmq.v2.Resource;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.grpc.stub.MetadataUtils;
import io.litetopic.proxy.config.BindTopicConfig;
import io.litetopic.proxy.config.LiteGroupConfig;
import io.litetopic.proxy.engine.SubscriptionMode;
import io.litetopic.proxy.rocketmq.BrokerConnection;
import io.litetopic.proxy.rocketmq.ProvisioningException;
import io.litetopic.proxy.rocketmq.StockServers;
import io.litetopic.proxy.rocketmq.TopicProvisioner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.rocketmq.client.common.NameserverAccessConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent in unmodified JVMs. */
class LiteAgentIT {
    private static final String AGENT = "-javaagent:" + System.getProperty("litetopic.plugin.jar");

    @Test
    void servesStockTrafficAndSaysSoInOneLineIfTheConfigurationIsBroken(@TempDir Path folder) throws Exception {
        Path broken = Files.writeString(folder.resolve("lite.yaml"), "bindTopics:\n  t: {ttl: soon, queues: 0}\n");

        try (StockServers servers = StockServers.start(folder, AGENT + "=" + broken)) {
            createTopic(servers, "stock");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(
                                    queryRoute(servers, "stock").getStatus().getCode())
                            .isEqualTo(Code.OK));

            assertThat(servers.proxyOutput().lines().filter(line -> line.contains("litetopic:")))
                    .singleElement()
                    .asString()
                    .startsWith("litetopic: NOT ACTIVE: " + broken + ":2:")
                    .contains("bindTopics.t.ttl: 'soon' is not a duration")
                    .contains("bindTopics.t.queues: 0 is out of range")
                    .endsWith("stock traffic is served, lite topics are not: put this right and restart the proxy");
            assertThat(servers.proxyLog()).contains("litetopic: NOT ACTIVE: " + broken + ":2:");
            assertThat(servers.stopProxy()).isTrue();
        }
    }

    @Test
    void doesNothingVisibleInAnotherJvm(@TempDir Path folder) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Path output = folder.resolve("out");

        Process process = new ProcessBuilder(java.toString(), AGENT + "=/no/such/file", "-version")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();

        assertThat(process.waitFor()).isZero();
        assertThat(Files.readString(output)).doesNotContain("litetopic");
    }

    private static void createTopic(StockServers servers, String topic) {
        LiteGroupConfig group = new LiteGroupConfig("group", SubscriptionMode.SHARED, 1, 1, 1);
        BindTopicConfig config = new BindTopicConfig(topic, null, 1, 1, Map.of("group", group));
        try (BrokerConnection connection =
                new BrokerConnection(new NameserverAccessConfig(servers.nameServer(), "", ""), null)) {
            connection.start();
            TopicProvisioner provisioner = new TopicProvisioner(connection, "DefaultCluster", servers.nameServer());
            await().atMost(Duration.ofSeconds(90))
                    .ignoreExceptionsMatching(
                            e -> e instanceof ProvisioningException notReady && notReady.isRetryable())
                    .untilAsserted(() -> provisioner.provision(config));
        }
    }

    private static QueryRouteResponse queryRoute(StockServers servers, String topic) throws Exception {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("x-mq-client-id", Metadata.ASCII_STRING_MARSHALLER), "test-client");
        headers.put(Metadata.Key.of("x-mq-language", Metadata.ASCII_STRING_MARSHALLER), "JAVA");
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", servers.grpcPort())
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .build())
                .build();
        try {
            return MessagingServiceGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .queryRoute(QueryRouteRequest.newBuilder()
                            .setTopic(Resource.newBuilder().setName(topic))
                            .build());
        } finally {
            channel.shutdownNow();
        }
    }
}
