package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.ClientType;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.litetopic.proxy.runtime.GroupDispatcher;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The telemetry stream of each client of a lite group: its connection. A client that reconnects opens the new one before it is
 * known that the old one broke, so only the end of the last one counts. Thread-safe.
 */
final class ClientStreams {
    private static final int MAX_BROKEN = 10_000;
    /** Longer than the engine waits for a client that has fallen silent. */
    private static final long BROKEN_SECONDS = 60;

    private final Map<String, ClientStream> streams = new ConcurrentHashMap<>();
    private final Map<String, Set<TelemetryStream>> open = new ConcurrentHashMap<>();
    private final Cache<String, ClientStream> broken = CacheBuilder.newBuilder()
            .expireAfterWrite(BROKEN_SECONDS, TimeUnit.SECONDS)
            .maximumSize(MAX_BROKEN)
            .build();

    /** A client's stream, with what its settings said. */
    static final class ClientStream {
        final String clientId;
        final String group;
        final ClientType type;
        final String remoteAddress;
        final TelemetryStream stream;

        /** @param remoteAddress address and port of the client's end, empty if not known */
        ClientStream(String clientId, String group, ClientType type, String remoteAddress, TelemetryStream stream) {
            this.clientId = clientId;
            this.group = group;
            this.type = type;
            this.remoteAddress = remoteAddress;
            this.stream = stream;
        }

        boolean isLite() {
            return ClientTypes.isLite(type);
        }

        /** The client keeps what it holds for as long as it lives. */
        boolean isLitePush() {
            return type == ClientType.LITE_PUSH_CONSUMER;
        }
    }

    /** A stream of any client, whatever it is for, is open. */
    void started(TelemetryStream stream) {
        open.computeIfAbsent(stream.clientId(), id -> ConcurrentHashMap.newKeySet())
                .add(stream);
    }

    void ended(TelemetryStream stream) {
        open.computeIfPresent(stream.clientId(), (id, streams) -> {
            streams.remove(stream);
            return streams.isEmpty() ? null : streams;
        });
    }

    /** The client has ended: none of its streams is needed, also those that it has lost sight of in a reconnect. */
    void endAll(String clientId) {
        Set<TelemetryStream> streams = open.get(clientId);
        if (streams != null) {
            streams.forEach(TelemetryStream::end);
        }
    }

    /**
     * @param announce tells others of it; before or after, never between, the announcement of another stream of the client
     * @param announceBreak tells others that the client's connection broke: of an older stream over another connection, whose end has
     *     not come to be known, nobody will tell
     */
    void opened(ClientStream stream, Runnable announceBreak, Runnable announce) {
        streams.compute(stream.clientId, (id, old) -> {
            broken.invalidate(id);
            if (old != null
                    && !old.remoteAddress.isEmpty()
                    && !stream.remoteAddress.isEmpty()
                    && !old.remoteAddress.equals(stream.remoteAddress)) {
                announceBreak.run();
            }
            announce.run();
            return stream;
        });
    }

    /** @param announce tells others of it, if that was the client's last stream */
    void closed(ClientStream stream, Runnable announce) {
        streams.computeIfPresent(stream.clientId, (id, last) -> {
            if (last != stream) {
                return last;
            }
            announce.run();
            broken.put(id, stream);
            return null;
        });
    }

    @Nullable
    ClientStream of(String clientId) {
        return streams.get(clientId);
    }

    /**
     * The client makes a request of the group. If its last stream broke and the request comes over another connection, the client
     * is connected again; over the same one it may only have been on its way.
     *
     * @param remoteAddress of the request; empty if not known
     */
    void requested(String clientId, String remoteAddress, GroupDispatcher dispatcher) {
        ClientStream last = broken.getIfPresent(clientId);
        if (last == null
                || remoteAddress.isEmpty()
                || remoteAddress.equals(last.remoteAddress)
                || !last.group.equals(dispatcher.group())) {
            return;
        }
        if (broken.asMap().remove(clientId, last)) {
            dispatcher.clientConnected(clientId);
        }
    }
}
