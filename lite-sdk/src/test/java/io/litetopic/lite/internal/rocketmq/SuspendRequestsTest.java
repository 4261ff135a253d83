package io.litetopic.lite.internal.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import apache.rocketmq.v2.ChangeInvisibleDurationRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SuspendRequestsTest {

    private static final ChangeInvisibleDurationRequest REQUEST = ChangeInvisibleDurationRequest.newBuilder()
            .setReceiptHandle("handle")
            .setMessageId("id")
            .build();

    @Test
    void writesTheInvisibleDuration() {
        ChangeInvisibleDurationRequest request =
                SuspendRequests.withDuration(REQUEST, Duration.ofDays(365).plusNanos(999_000_000));

        assertThat(request.getInvisibleDuration().getSeconds())
                .isEqualTo(Duration.ofDays(365).toSeconds());
        assertThat(request.getInvisibleDuration().getNanos()).isEqualTo(999_000_000);
        assertThat(request.getReceiptHandle()).isEqualTo("handle");
        assertThat(request.getMessageId()).isEqualTo("id");
    }

    @Test
    void keepsTheFieldsThatTheProtocolClassDoesNotKnow() {
        ChangeInvisibleDurationRequest request =
                SuspendRequests.withSuspend(REQUEST, Duration.ofMillis(1), "chatbot/{ü}");

        // What goes out: field 6, a string of 12 bytes, and field 7, true; in the order in which they were put.
        String sent = new String(request.toByteArray(), StandardCharsets.ISO_8859_1);
        String liteTopic = new String("chatbot/{ü}".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        char stringField6 = (6 << 3) | 2;
        char varintField7 = 7 << 3;
        assertThat(sent).endsWith(stringField6 + "\u000c" + liteTopic + varintField7 + "\u0001");
        assertThat(request.getInvisibleDuration().getNanos()).isEqualTo(1_000_000);
    }
}
