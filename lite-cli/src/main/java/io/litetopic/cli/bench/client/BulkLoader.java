package io.litetopic.cli.bench.client;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Stores messages through the broker's own batch send, some hundred at a time, so that a large backlog is there in seconds. The
 * messages are what the proxy makes of sends to lite topics and to message groups: same properties, same queue. Setting up only;
 * nothing of it is measured. For stock brokers. Not thread-safe.
 *
 * <pre>
 * request: offset size field (big endian)
 * 0      4    length of all that follows
 * 4      1    serialization of the header: 0 = JSON
 * 5      3    length H of the header
 * 8      H    header
 * 8+H    rest messages
 *
 * message:
 * 0      4    length of the message
 * 4      4    magic: 0
 * 8      4    checksum: 0, the broker makes it
 * 12     4    flag: 0
 * 16     4    length B of the body
 * 20     B    body
 * 20+B   2    length P of the properties
 * 22+B   P    properties: name 0x01 value 0x02 ...
 * </pre>
 */
final class BulkLoader implements Closeable {
    private static final int SEND_BATCH_MESSAGE = 320;
    private static final int SUCCESS = 0;
    private static final int SYSTEM_BUSY = 2;
    private static final int MOST_BUSY_ANSWERS = 100;
    private static final long BUSY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int BATCH_BYTES = 256 << 10;
    private static final int OVERHEAD_BYTES = 22;
    private static final char NAME_END = 1;
    private static final char VALUE_END = 2;
    private static final int RESPONSE_TIMEOUT_MILLIS = 30_000;

    private final Socket socket;
    private final DataOutputStream out;
    private final DataInputStream in;
    private final String topic;
    private final ByteArrayOutputStream[] batches; // by queue
    private int requests;

    private BulkLoader(Socket socket, DataOutputStream out, DataInputStream in, String topic, int queues) {
        this.socket = socket;
        this.out = out;
        this.in = in;
        this.topic = topic;
        this.batches = new ByteArrayOutputStream[queues];
        for (int queue = 0; queue < queues; queue++) {
            batches[queue] = new ByteArrayOutputStream(2 * BATCH_BYTES);
        }
    }

    /** @param brokerAddress {@code host:port} */
    static BulkLoader open(String brokerAddress, String topic, int queues) throws IOException {
        int colon = brokerAddress.lastIndexOf(':');
        Socket socket = new Socket(
                InetAddress.getByName(brokerAddress.substring(0, colon)),
                Integer.parseInt(brokerAddress.substring(colon + 1)));
        socket.setSoTimeout(RESPONSE_TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        return new BulkLoader(
                socket,
                new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), BATCH_BYTES)),
                new DataInputStream(socket.getInputStream()),
                topic,
                queues);
    }

    /** Stores it, at the latest with {@link #flush}. */
    void add(String liteTopic, byte[] body) throws IOException {
        byte[] properties = ("UNIQ_KEY" + NAME_END + messageId() + VALUE_END + "WAIT" + NAME_END + "true" + VALUE_END
                        + "__LITE_TOPIC" + NAME_END + liteTopic + VALUE_END + "__SHARDINGKEY" + NAME_END + liteTopic
                        + VALUE_END)
                .getBytes(StandardCharsets.UTF_8);
        int queue = queue(liteTopic, batches.length);
        ByteArrayOutputStream batch = batches[queue];
        DataOutputStream message = new DataOutputStream(batch);
        message.writeInt(OVERHEAD_BYTES + body.length + properties.length);
        message.writeInt(0);
        message.writeInt(0);
        message.writeInt(0);
        message.writeInt(body.length);
        message.write(body);
        message.writeShort(properties.length);
        message.write(properties);
        if (batch.size() >= BATCH_BYTES) {
            send(queue);
        }
    }

    /** Stores what is collected. */
    void flush() throws IOException {
        for (int queue = 0; queue < batches.length; queue++) {
            if (batches[queue].size() > 0) {
                send(queue);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /**
     * The queue that the stock proxy chooses for a message group: jump consistent hash (Lamping and Veach, "A Fast, Minimal
     * Memory, Consistent Hash Algorithm", 2014) with the multiplier and the start value of that paper.
     */
    static int queue(String messageGroup, int queues) {
        long state = messageGroup.hashCode();
        int candidate = 0;
        while (true) {
            state = 2862933555777941757L * state + 1;
            double random = ((int) (state >>> 33) + 1) / 0x1.0p31;
            int next = (int) ((candidate + 1) / random);
            if (next < 0 || next >= queues) {
                return candidate;
            }
            candidate = next;
        }
    }

    /** A busy broker has dropped the request unread, so that sending it again stores nothing twice. */
    private void send(int queue) throws IOException {
        byte[] body = batches[queue].toByteArray();
        batches[queue].reset();
        JsonObject answer = call(queue, body);
        for (int i = 0; i < MOST_BUSY_ANSWERS && answer.get("code").getAsInt() == SYSTEM_BUSY; i++) {
            LockSupport.parkNanos(BUSY_NANOS);
            answer = call(queue, body);
        }
        if (answer.get("code").getAsInt() != SUCCESS) {
            throw new IOException("the broker refuses a batch of " + body.length + " bytes [topic=" + topic + ", queue="
                    + queue + "]: " + answer);
        }
    }

    private JsonObject call(int queue, byte[] body) throws IOException {
        byte[] header = header(queue).toString().getBytes(StandardCharsets.UTF_8);
        out.writeInt(4 + header.length + body.length);
        out.writeInt(header.length); // its first byte is the serialization: 0
        out.write(header);
        out.write(body);
        out.flush();

        int totalBytes = in.readInt();
        int headerBytes = in.readInt() & 0xFFFFFF;
        byte[] response = in.readNBytes(headerBytes);
        in.skipNBytes(totalBytes - 4L - headerBytes);
        return JsonParser.parseString(new String(response, StandardCharsets.UTF_8))
                .getAsJsonObject();
    }

    /** The names are the short ones of the second version of the stock header. */
    private JsonObject header(int queue) {
        JsonObject fields = new JsonObject();
        fields.addProperty("a", "bench-filler"); // producer group
        fields.addProperty("b", topic);
        fields.addProperty("c", topic); // the topic to copy if it is missing
        fields.addProperty("d", Integer.toString(batches.length));
        fields.addProperty("e", Integer.toString(queue));
        fields.addProperty("f", "0"); // system flag
        fields.addProperty("g", Long.toString(System.currentTimeMillis())); // born
        fields.addProperty("h", "0"); // flag
        fields.addProperty("i", ""); // properties
        fields.addProperty("j", "0"); // times consumed
        fields.addProperty("k", "false"); // unit mode
        fields.addProperty("m", "true"); // a batch
        JsonObject header = new JsonObject();
        header.addProperty("code", SEND_BATCH_MESSAGE);
        header.addProperty("language", "JAVA");
        header.addProperty("version", 0);
        header.addProperty("opaque", requests++);
        header.addProperty("flag", 0);
        header.add("extFields", fields);
        return header;
    }

    /** As long as those of the official client: 34 hexadecimal digits, of which the first two are the version. */
    private static String messageId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return "01%016X%016X".formatted(random.nextLong(), random.nextLong());
    }
}
