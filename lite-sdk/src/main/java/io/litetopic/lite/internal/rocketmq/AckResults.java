package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.AckMessageEntry;
import apache.rocketmq.v2.AckMessageResponse;
import apache.rocketmq.v2.AckMessageResultEntry;
import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.Status;

/** Reads the answer to a call that acks several messages. */
final class AckResults {

    private AckResults() {}

    /** What the server says of one of them: its own result if the answer has it, else that of the call. */
    static Status statusOf(AckMessageResponse response, AckMessageEntry entry) {
        for (AckMessageResultEntry result : response.getEntriesList()) {
            if (result.getReceiptHandle().equals(entry.getReceiptHandle())) {
                return result.getStatus();
            }
        }
        if (response.getStatus().getCode() == Code.MULTIPLE_RESULTS) {
            return Status.newBuilder()
                    .setCode(Code.INTERNAL_SERVER_ERROR)
                    .setMessage("the server gave several results, and none for this message")
                    .build();
        }
        return response.getStatus();
    }
}
