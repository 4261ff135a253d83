package io.litetopic.testkit;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One request of RocketMQ's remoting protocol to a name server or broker on 127.0.0.1, and its response.
 *
 * <pre>
 * offset size field
 * 0      4    length of all that follows, bytes, big endian
 * 4      1    serialization of the header: 0 = JSON
 * 5      3    length H of the header, bytes, big endian
 * 8      H    header, JSON with code, language, version, opaque, flag, extFields
 * 8+H    rest body
 * </pre>
 */
final class RemotingProbe {
    static final int SUCCESS = 0;
    static final int NO_PERMISSION = 16;
    private static final int GET_BROKER_RUNTIME_INFO = 28;
    private static final int GET_ROUTE_INFO_BY_TOPIC = 105;
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int MAX_HEADER_BYTES = 1 << 20;

    // the body is nearly JSON: stock writes numbers as names of fields, which need no quotes there
    private static final Pattern BROKER_NAME = Pattern.compile("\"brokerName\":\"([^\"]*)\"");

    private RemotingProbe() {}

    /** Asks the name server at {@code port} for the route of {@code topic}: {@link #SUCCESS} if it has one. */
    static int routeOf(String topic, int port) throws IOException {
        return call(port, GET_ROUTE_INFO_BY_TOPIC, Map.of("topic", topic)).code();
    }

    /** Asks the name server at {@code port} which brokers have {@code topic}; their names, none if the topic is unknown. */
    static Set<String> brokersOf(String topic, int port) throws IOException {
        Response response = call(port, GET_ROUTE_INFO_BY_TOPIC, Map.of("topic", topic));
        Set<String> names = new TreeSet<>();
        if (response.code() == SUCCESS) {
            Matcher name = BROKER_NAME.matcher(response.body());
            while (name.find()) {
                names.add(name.group(1));
            }
        }
        return names;
    }

    /** Asks the broker at {@code port} how it is: {@link #SUCCESS} if it serves requests. */
    static int brokerStatus(int port) throws IOException {
        return call(port, GET_BROKER_RUNTIME_INFO, Map.of()).code();
    }

    /** @param body text after the header, empty without */
    private record Response(int code, String body) {}

    private static Response call(int port, int code, Map<String, String> fields) throws IOException {
        JsonObject extFields = new JsonObject();
        fields.forEach(extFields::addProperty);
        JsonObject header = new JsonObject();
        header.addProperty("code", code);
        header.addProperty("language", "JAVA");
        header.addProperty("version", 0);
        header.addProperty("opaque", 1);
        header.addProperty("flag", 0);
        header.add("extFields", extFields);
        byte[] headerBytes = header.toString().getBytes(StandardCharsets.UTF_8);
        try (Socket socket = new Socket()) {
            socket.connect(Loopback.socketAddress(port), (int) TIMEOUT.toMillis());
            socket.setSoTimeout((int) TIMEOUT.toMillis());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(4 + headerBytes.length);
            out.writeInt(headerBytes.length); // its first byte is the serialization: 0
            out.write(headerBytes);
            out.flush();
            return response(new DataInputStream(socket.getInputStream()));
        }
    }

    private static Response response(DataInputStream in) throws IOException {
        int totalBytes = in.readInt();
        int headerLength = in.readInt() & 0xFFFFFF;
        if (headerLength > MAX_HEADER_BYTES || headerLength > totalBytes - 4) {
            throw new IOException("not a remoting response [totalBytes=" + totalBytes + ", headerBytes=" + headerLength
                    + ", maxHeaderBytes=" + MAX_HEADER_BYTES + "]; is another server on this port?");
        }
        String json = new String(in.readNBytes(headerLength), StandardCharsets.UTF_8);
        String body = new String(in.readNBytes(totalBytes - 4 - headerLength), StandardCharsets.UTF_8);
        return new Response(
                JsonParser.parseString(json).getAsJsonObject().get("code").getAsInt(), body);
    }
}
