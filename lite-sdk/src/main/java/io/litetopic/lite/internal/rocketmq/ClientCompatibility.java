package io.litetopic.lite.internal.rocketmq;

import io.litetopic.lite.LiteException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Checks, before any of it is linked, that the official client on the class path has the non-public methods that this
 * package calls. Works by name only.
 */
final class ClientCompatibility {

    static final String SUPPORTED = "5.1.0 or 5.2.0";

    // What a client without lite topics lacks; there is nothing to build on then.
    private static final String LITE_RPC = "syncLiteSubscription";

    private static final String CLIENT = "org.apache.rocketmq.client.java.";
    private static final String PROTO = "apache.rocketmq.v2.";

    private static final String[][] REQUIRED = {
        {
            CLIENT + "impl.ClientImpl",
            "getClientManager",
            "getEndpoints",
            "getSettings",
            "onNotifyUnsubscribeLiteCommand",
            "onTopicRouteDataUpdate0",
            "settingsCommand",
            "startAsync",
            "stopAsync",
            "telemetry",
            "wrapHeartbeatRequest",
            "wrapNotifyClientTerminationRequest"
        },
        {
            CLIENT + "impl.ClientManager",
            "getScheduler",
            "syncLiteSubscription",
            "receiveMessage",
            "ackMessage",
            "changeInvisibleDuration",
            "queryRoute",
            "telemetry"
        },
        {
            CLIENT + "impl.consumer.SimpleSubscriptionSettings",
            "sync",
            "<init>(String,ClientId,Endpoints,Resource,Duration,Duration,Map)"
        },
        {
            CLIENT + "message.MessageViewImpl",
            "fromProtobuf",
            "getReceiptHandle",
            "setReceiptHandle",
            "getEndpoints",
            "getOffset",
            "isCorrupted"
        },
        {CLIENT + "route.MessageQueueImpl", "getBroker", "toProtobuf"},
        {CLIENT + "rpc.RpcFuture", "addListener", "get", "getContext"},
        {PROTO + "SyncLiteSubscriptionRequest", "newBuilder", "parseFrom"},
        {PROTO + "ReceiveMessageRequest", "newBuilder", "parseFrom"},
        {PROTO + "ChangeInvisibleDurationRequest", "newBuilder", "parseFrom"},
    };

    private ClientCompatibility() {}

    static void check(ClassLoader loader) throws LiteException {
        List<String> missing = new ArrayList<>();
        for (String[] entry : REQUIRED) {
            addMissing(loader, entry, missing);
        }
        if (!missing.isEmpty()) {
            throw unsupported(loader, "missing=" + missing, null);
        }
    }

    static LiteException unsupported(ClassLoader loader, String detail, @Nullable Throwable cause) {
        String why =
                detail.contains(LITE_RPC) ? "it does not know lite topics" : "it differs where this SDK builds on it";
        return new LiteException(
                "rocketmq-client-java on the class path is not supported, " + why + " [found=" + version(loader)
                        + ", supported=" + SUPPORTED + ", " + detail
                        + "]; use a supported version: ordinary producers and consumers work with others too, lite ones"
                        + " do not",
                false,
                null,
                cause);
    }

    private static void addMissing(ClassLoader loader, String[] entry, List<String> missing) {
        Set<String> members = new HashSet<>();
        try {
            Class<?> type = Class.forName(entry[0], false, loader);
            for (Method method : type.getMethods()) {
                members.add(method.getName());
            }
            for (Constructor<?> constructor : type.getConstructors()) {
                members.add(signature(constructor));
            }
        } catch (ClassNotFoundException | LinkageError e) {
            missing.add(entry[0]);
            return;
        }
        for (int i = 1; i < entry.length; i++) {
            if (!members.contains(entry[i])) {
                missing.add(entry[0] + "." + entry[i]);
            }
        }
    }

    private static String signature(Constructor<?> constructor) {
        StringJoiner types = new StringJoiner(",", "<init>(", ")");
        for (Class<?> type : constructor.getParameterTypes()) {
            types.add(type.getSimpleName());
        }
        return types.toString();
    }

    private static String version(ClassLoader loader) {
        try {
            Object version = Class.forName(CLIENT + "misc.MetadataUtils", true, loader)
                    .getMethod("getVersion")
                    .invoke(null);
            return String.valueOf(version);
        } catch (ReflectiveOperationException | LinkageError e) {
            return "unknown: " + e;
        }
    }
}
