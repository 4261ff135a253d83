package io.litetopic.proxy.rocketmq;

import io.netty.channel.ChannelHandlerContext;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.rocketmq.client.common.NameserverAccessConfig;
import org.apache.rocketmq.client.impl.mqclient.DoNothingClientRemotingProcessor;
import org.apache.rocketmq.client.impl.mqclient.MQClientAPIExt;
import org.apache.rocketmq.client.impl.mqclient.MQClientAPIFactory;
import org.apache.rocketmq.common.ThreadFactoryImpl;
import org.apache.rocketmq.proxy.config.ConfigurationManager;
import org.apache.rocketmq.proxy.config.ProxyConfig;
import org.apache.rocketmq.remoting.RPCHook;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.jspecify.annotations.Nullable;

/**
 * The stock remoting client for name server and brokers. It talks to the broker's port in cluster mode and, over the loopback
 * address, in local mode too: the proxy's own in-process calls lack locks and pulls there. Thread-safe between
 * {@link #start()} and {@link #close()}.
 */
public final class BrokerConnection implements AutoCloseable {
    private final NameserverAccessConfig nameServer;
    private final @Nullable RPCHook credentials;

    private final Map<String, List<Runnable>> groupListeners = new ConcurrentHashMap<>();

    private @Nullable ScheduledExecutorService scheduler;
    private @Nullable MQClientAPIFactory factory;
    private volatile @Nullable MQClientAPIExt client;

    /** @param credentials signs every request for brokers with access control; {@code null} without */
    public BrokerConnection(NameserverAccessConfig nameServer, @Nullable RPCHook credentials) {
        this.nameServer = nameServer;
        this.credentials = credentials;
    }

    /** A connection to the brokers of the proxy in this JVM, with the proxy's own credentials; not started. */
    public static BrokerConnection forProxy() {
        ProxyConfig config = ConfigurationManager.getProxyConfig();
        return new BrokerConnection(
                new NameserverAccessConfig(
                        config.getNamesrvAddr(), config.getNamesrvDomain(), config.getNamesrvDomainSubgroup()),
                ProxyCredentials.rpcHook(config, ConfigurationManager.getAuthConfig()));
    }

    /** Creates the client's threads; connects to nothing yet. At most once. */
    public synchronized void start() {
        if (factory != null) {
            throw new IllegalStateException("broker connection is started already");
        }
        scheduler = Executors.newSingleThreadScheduledExecutor(new ThreadFactoryImpl("LiteNameServerRefresh_", true));
        MQClientAPIFactory started =
                new MQClientAPIFactory(nameServer, "LiteTopic_", 1, new GroupChanges(), credentials, scheduler);
        factory = started;
        try {
            started.start();
        } catch (Exception e) {
            throw new IllegalStateException(
                    "cannot start the client for name server " + nameServer.getNamesrvAddr(), e);
        }
        client = started.getClient();
    }

    MQClientAPIExt client() {
        MQClientAPIExt current = client;
        if (current == null) {
            throw new IllegalStateException("broker connection is not started or is closed");
        }
        return current;
    }

    /** {@code listener} is called on a network thread when a broker says that members of the group came or went. */
    void onGroupChange(String group, Runnable listener) {
        groupListeners
                .computeIfAbsent(group, key -> new CopyOnWriteArrayList<>())
                .add(listener);
    }

    /** Of all that brokers ask their clients this answers nothing, as stock proxies do, and passes one hint on. */
    private final class GroupChanges extends DoNothingClientRemotingProcessor {
        GroupChanges() {
            super(null);
        }

        @Override
        public @Nullable RemotingCommand processRequest(ChannelHandlerContext context, RemotingCommand request) {
            if (request.getCode() == RequestCode.NOTIFY_CONSUMER_IDS_CHANGED && request.getExtFields() != null) {
                String group = String.valueOf(request.getExtFields().get("consumerGroup"));
                groupListeners.getOrDefault(group, Collections.emptyList()).forEach(Runnable::run);
            }
            return super.processRequest(context, request);
        }
    }

    /** @param address {@code null} for the name server */
    CompletableFuture<RemotingCommand> invoke(@Nullable String address, RemotingCommand request, long timeoutMillis) {
        return client().getRemotingClient().invoke(address, request, timeoutMillis);
    }

    /** Ends all connections and threads. Idempotent. */
    @Override
    public synchronized void close() {
        client = null;
        MQClientAPIFactory current = factory;
        factory = null;
        if (current != null) {
            try {
                current.shutdown();
            } catch (Exception e) {
                throw new IllegalStateException("cannot shut the broker client down", e);
            }
        }
        if (scheduler != null) {
            scheduler.shutdownNow();
            scheduler = null;
        }
    }
}
