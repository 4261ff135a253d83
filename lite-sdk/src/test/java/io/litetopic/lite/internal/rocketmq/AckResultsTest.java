package io.litetopic.lite.internal.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import apache.rocketmq.v2.AckMessageEntry;
import apache.rocketmq.v2.AckMessageResponse;
import apache.rocketmq.v2.AckMessageResultEntry;
import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.Status;
import org.junit.jupiter.api.Test;

class AckResultsTest {
    private static final AckMessageEntry ONE = entry("handle-1");
    private static final AckMessageEntry TWO = entry("handle-2");

    @Test
    void eachMessageHasItsOwnResult() {
        AckMessageResponse response = AckMessageResponse.newBuilder()
                .setStatus(status(Code.MULTIPLE_RESULTS))
                .addEntries(result(TWO, Code.INVALID_RECEIPT_HANDLE))
                .addEntries(result(ONE, Code.OK))
                .build();

        assertThat(AckResults.statusOf(response, ONE).getCode()).isEqualTo(Code.OK);
        assertThat(AckResults.statusOf(response, TWO).getCode()).isEqualTo(Code.INVALID_RECEIPT_HANDLE);
    }

    @Test
    void refusalOfTheCallIsThatOfEachMessage() {
        AckMessageResponse response = AckMessageResponse.newBuilder()
                .setStatus(status(Code.UNAUTHORIZED))
                .build();

        assertThat(AckResults.statusOf(response, ONE).getCode()).isEqualTo(Code.UNAUTHORIZED);
    }

    @Test
    void messageWithoutAResultAmongSeveralIsNoSuccess() {
        AckMessageResponse response = AckMessageResponse.newBuilder()
                .setStatus(status(Code.MULTIPLE_RESULTS))
                .addEntries(result(ONE, Code.OK))
                .build();

        assertThat(AckResults.statusOf(response, TWO).getCode()).isEqualTo(Code.INTERNAL_SERVER_ERROR);
    }

    private static AckMessageEntry entry(String handle) {
        return AckMessageEntry.newBuilder().setReceiptHandle(handle).build();
    }

    private static AckMessageResultEntry result(AckMessageEntry entry, Code code) {
        return AckMessageResultEntry.newBuilder()
                .setReceiptHandle(entry.getReceiptHandle())
                .setStatus(status(code))
                .build();
    }

    private static Status status(Code code) {
        return Status.newBuilder().setCode(code).build();
    }
}
