package io.litetopic.proxy.grpc;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The telemetry stream of each client of a lite group: its connection. A client that reconnects opens the new one before it is
 * known that the old one broke, so only the end of the last one counts. Thread-safe.
 */
final class ClientStreams {
    private final Map<String, ClientStream> streams = new ConcurrentHashMap<>();

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
