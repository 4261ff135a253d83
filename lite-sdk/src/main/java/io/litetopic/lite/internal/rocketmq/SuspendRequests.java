package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.ChangeInvisibleDurationRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Completes requests to change an invisible duration with fields that the client's protocol classes lack or type with a
 * shaded class. They are appended in protobuf encoding; a parser keeps fields that it does not know and sends them on.
 *
 * <pre>
 * field               number  type
 * invisible_duration  4       message: 1 seconds (varint), 2 nanos (varint)
 * lite_topic          6       string
 * suspend             7       bool
 * </pre>
 */
final class SuspendRequests {

    private static final int INVISIBLE_DURATION = 4;
    private static final int LITE_TOPIC = 6;
    private static final int SUSPEND = 7;

    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    private SuspendRequests() {}

    static ChangeInvisibleDurationRequest withDuration(
            ChangeInvisibleDurationRequest request, Duration invisibleDuration) {
        ByteArrayOutputStream out = start(request);
        putDuration(out, invisibleDuration);
        return parse(out);
    }

    static ChangeInvisibleDurationRequest withSuspend(
            ChangeInvisibleDurationRequest request, Duration suspendTime, String liteTopic) {
        ByteArrayOutputStream out = start(request);
        putDuration(out, suspendTime);
        putBytes(out, LITE_TOPIC, liteTopic.getBytes(StandardCharsets.UTF_8));
        putVarint(out, (SUSPEND << 3) | VARINT);
        putVarint(out, 1);
        return parse(out);
    }

    private static ByteArrayOutputStream start(ChangeInvisibleDurationRequest request) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] bytes = request.toByteArray();
        out.write(bytes, 0, bytes.length);
        return out;
    }

    private static void putDuration(ByteArrayOutputStream out, Duration duration) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        putVarint(message, (1 << 3) | VARINT);
        putVarint(message, duration.getSeconds());
        putVarint(message, (2 << 3) | VARINT);
        putVarint(message, duration.getNano());
        putBytes(out, INVISIBLE_DURATION, message.toByteArray());
    }

    private static void putBytes(ByteArrayOutputStream out, int field, byte[] bytes) {
        putVarint(out, (field << 3) | LENGTH_DELIMITED);
        putVarint(out, bytes.length);
        out.write(bytes, 0, bytes.length);
    }

    private static void putVarint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static ChangeInvisibleDurationRequest parse(ByteArrayOutputStream out) {
        try {
            return ChangeInvisibleDurationRequest.parseFrom(out.toByteArray());
        } catch (IOException e) {
            throw new IllegalStateException("own protobuf encoding is broken", e);
        }
    }
}
