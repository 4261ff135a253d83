package io.litetopic.testkit;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Starts a {@link StockCluster} before the tests of a class and closes it after them; nested classes share it.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final StockClusterExtension cluster = StockClusterExtension.of(StockCluster.builder());
 * }</pre>
 *
 * <p>The accessors fail with an {@link IllegalStateException} outside of the tests of that class.
 */
public final class StockClusterExtension implements BeforeAllCallback, AfterAllCallback {
    private final StockClusterBuilder builder;
    private @Nullable StockCluster cluster;
    private int depth; // classes entered and not left: the outer one, and the nested ones inside

    private StockClusterExtension(StockClusterBuilder builder) {
        this.builder = builder;
    }

    /** An extension whose cluster {@code builder} describes. */
    public static StockClusterExtension of(StockClusterBuilder builder) {
        return new StockClusterExtension(builder);
    }

    /** The running cluster. */
    public synchronized StockCluster get() {
        if (cluster == null) {
            throw new IllegalStateException("the cluster runs only during the tests of the class that registers this"
                    + " extension; register it with @RegisterExtension in a static field");
        }
        return cluster;
    }

    /** See {@link StockCluster#grpcEndpoints()}. */
    public String grpcEndpoints() {
        return get().grpcEndpoints();
    }

    /** See {@link StockCluster#nameServerAddress()}. */
    public String nameServerAddress() {
        return get().nameServerAddress();
    }

    /** See {@link StockCluster#brokerAddress()}. */
    public String brokerAddress() {
        return get().brokerAddress();
    }

    /** See {@link StockCluster#dataDirectory()}. */
    public Path dataDirectory() {
        return get().dataDirectory();
    }

    /** See {@link StockCluster#proxy()}. */
    public ServerProcess proxy() {
        return get().proxy();
    }

    /** See {@link StockCluster#broker()}. */
    public ServerProcess broker() {
        return get().broker();
    }

    /** See {@link StockCluster#nameServer()}. */
    public ServerProcess nameServer() {
        return get().nameServer();
    }

    /** See {@link StockCluster#createTopic(String, TopicType, int)}. */
    public void createTopic(String name, TopicType type, int queues) {
        get().createTopic(name, type, queues);
    }

    /** See {@link StockCluster#createGroup(String, boolean)}. */
    public void createGroup(String name, boolean orderly) {
        get().createGroup(name, orderly);
    }

    /** See {@link StockCluster#createNativeLiteGroup(String, String)}. */
    public void createNativeLiteGroup(String name, String bindTopic) {
        get().createNativeLiteGroup(name, bindTopic);
    }

    /** See {@link StockCluster#mqadmin(String...)}. */
    public AdminResult mqadmin(String... args) {
        return get().mqadmin(args);
    }

    @Override
    public synchronized void beforeAll(ExtensionContext context) {
        if (depth == 0) {
            cluster = builder.start();
        }
        depth++;
    }

    @Override
    public synchronized void afterAll(ExtensionContext context) {
        depth--;
        StockCluster ended = cluster;
        if (depth == 0 && ended != null) {
            cluster = null;
            ended.close();
        }
    }
}
