package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.ChangeInvisibleDurationRequest;
import java.io.IOException;
import java.time.Duration;

/**
 * Completes requests to change an invisible duration with fields that the client's protocol classes lack or type with a
 * shaded class. A parser keeps fields that it does not know and sends them on.
 *
 * <pre>
 * field               number  type
 * invisible_duration  4       duration
 * lite_topic          6       string
 * suspend             7       bool
 * </pre>
 */
final class SuspendRequests {

    private static final int INVISIBLE_DURATION = 4;
    private static final int LITE_TOPIC = 6;
    private static final int SUSPEND = 7;

    private SuspendRequests() {}

    static ChangeInvisibleDurationRequest withDuration(
            ChangeInvisibleDurationRequest request, Duration invisibleDuration) {
        return parse(ProtobufFields.appendedTo(request.toByteArray()).duration(INVISIBLE_DURATION, invisibleDuration));
    }

    static ChangeInvisibleDurationRequest withSuspend(
            ChangeInvisibleDurationRequest request, Duration suspendTime, String liteTopic) {
        return parse(ProtobufFields.appendedTo(request.toByteArray())
                .duration(INVISIBLE_DURATION, suspendTime)
                .string(LITE_TOPIC, liteTopic)
                .bool(SUSPEND, true));
    }

    private static ChangeInvisibleDurationRequest parse(ProtobufFields message) {
        try {
            return ChangeInvisibleDurationRequest.parseFrom(message.toByteArray());
        } catch (IOException e) {
            throw new IllegalStateException("own protobuf encoding is broken", e);
        }
    }
}
