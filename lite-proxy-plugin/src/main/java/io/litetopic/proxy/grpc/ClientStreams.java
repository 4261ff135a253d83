package io.litetopic.proxy.grpc;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The telemetry stream of each client of a lite group: its connection. A client that reconnects opens the new one before it is
 * known that the old one broke, so only the end of the last one counts. Thread-safe.
 */
final class ClientStreams {
    private final Map<String, ClientStream> streams = new ConcurrentHashMap<>();
    private final Map<String, Set<TelemetryStream>> open = new ConcurrentHashMap<>();

    /** A client's stream, with what its settings said. */
    static final class ClientStream {
        final String clientId;
        final String group;
        final boolean isLitePush;

        ClientStream(String clientId, String group, boolean isLitePush) {
            this.clientId = clientId;
            this.group = group;
            this.isLitePush = isLitePush;
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

    void opened(ClientStream stream) {
        streams.put(stream.clientId, stream);
    }

    /** @return whether that was the client's last stream */
    boolean closed(ClientStream stream) {
        return streams.remove(stream.clientId, stream);
    }

    @Nullable
    ClientStream of(String clientId) {
        return streams.get(clientId);
    }
}
