package io.litetopic.proxy;

import apache.rocketmq.v2.MessagingServiceGrpc;
import io.litetopic.proxy.access.AccessControl;
import io.litetopic.proxy.access.PermissionReload;
import io.litetopic.proxy.agent.ServiceInstaller;
import io.litetopic.proxy.cluster.ClusterTimings;
import io.litetopic.proxy.cluster.MemberProbe;
import io.litetopic.proxy.cluster.Membership;
import io.litetopic.proxy.cluster.QueueClaims;
import io.litetopic.proxy.cluster.TcpMemberProbe;
import io.litetopic.proxy.config.ConfigException;
import io.litetopic.proxy.config.PluginConfig;
import io.litetopic.proxy.config.PluginConfigLoader;
import io.litetopic.proxy.engine.SubscriptionMode;
import io.litetopic.proxy.grpc.LiteMessagingService;
import io.litetopic.proxy.rocketmq.BrokerConnection;
import io.litetopic.proxy.rocketmq.ProxyIdentity;
import io.litetopic.proxy.rocketmq.RemotingBrokerGateway;
import io.litetopic.proxy.rocketmq.RequestAuthorizer;
import io.litetopic.proxy.rocketmq.TopicProvisioner;
import io.litetopic.proxy.runtime.BindTopics;
import io.litetopic.proxy.runtime.LiteRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.proxy.processor.MessagingProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Puts lite topics into a proxy: reads the configuration, wraps the stock service, starts dispatch in the background.
 *
 * <p>In local mode the broker starts after this, so nothing here waits for it: until a bind topic is served its lite requests are
 * refused with a message that says so, and all else works.
 */
public final class LitePlugin implements ServiceInstaller {
    private @Nullable LiteRuntime runtime;
    private @Nullable ExecutorService responders;
    private @Nullable PermissionReload reload;
    private @Nullable MemberProbe probe;
    private @Nullable LiteMessagingService front;

    @Override
    public MessagingServiceGrpc.MessagingServiceImplBase install(
            Path configFile, MessagingProcessor processor, MessagingServiceGrpc.MessagingServiceImplBase stock)
            throws ConfigException {
        PluginConfigLoader loader = new PluginConfigLoader(EnumSet.allOf(SubscriptionMode.class));
        PluginConfig config = loader.load(configFile);
        BindTopics topics = new BindTopics(config);
        ExecutorService writers = Executors.newFixedThreadPool(
                Math.max(2, Runtime.getRuntime().availableProcessors()), LiteRuntime.daemonThreads("lite-responder"));
        responders = writers;
        BrokerConnection connection = BrokerConnection.forProxy();
        TopicProvisioner provisioner = TopicProvisioner.forProxy(connection);
        LiteRuntime started = new LiteRuntime(
                topics,
                config.journal(),
                claimsFactory(config, processor),
                ClusterTimings.DEFAULT,
                connection::start,
                new RemotingBrokerGateway(connection),
                bindTopic -> provisioner.provision(bindTopic));
        runtime = started;
        RequestAuthorizer authorizer = RequestAuthorizer.forProxy(processor);
        AccessControl access = new AccessControl(config, authorizer.authenticates());
        LiteMessagingService service = new LiteMessagingService(stock, topics, authorizer, access, writers);
        front = service;
        started.start(service.unsubscribeNotifier());
        PermissionReload watching = new PermissionReload(configFile, loader, config, access, topics::filtersChanged);
        reload = watching;
        watching.start();
        return service;
    }

    /**
     * In local mode clients come to the proxy of each broker, so it has the broker's queues; in cluster mode the proxies share all
     * queues.
     */
    private LiteRuntime.ClaimsFactory claimsFactory(PluginConfig config, MessagingProcessor processor) {
        String configured = config.advertisedAddress();
        String address = configured == null ? ProxyIdentity.defaultAdvertisedAddress() : configured;
        String memberId = ProxyIdentity.lockOwnerId(address);
        if (ProxyIdentity.isLocalMode()) {
            String brokerName = ProxyIdentity.localBrokerName(processor);
            return (topic, gateway, scheduler) -> QueueClaims.ofBroker(memberId, brokerName);
        }
        MemberProbe others = new TcpMemberProbe(Duration.ofSeconds(1), Duration.ofSeconds(2));
        probe = others;
        return (topic, gateway, scheduler) -> new Membership(
                topic, memberId, gateway, others, ProxyIdentity.ownGrpcAddress(), scheduler, ClusterTimings.DEFAULT);
    }

    /** Stops dispatch: progress is written, queue locks are given back, waiting clients are answered. */
    @Override
    public void close() {
        if (reload != null) {
            reload.close();
        }
        if (runtime != null) {
            runtime.close();
        }
        if (front != null) {
            front.close();
        }
        if (probe != null) {
            probe.close();
        }
        if (responders != null) {
            responders.shutdown();
            try {
                if (!responders.awaitTermination(2, TimeUnit.SECONDS)) {
                    responders.shutdownNow();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
