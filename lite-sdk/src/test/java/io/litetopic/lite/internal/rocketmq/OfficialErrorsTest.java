package io.litetopic.lite.internal.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import apache.rocketmq.v2.Code;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.LitePluginMissingException;
import io.litetopic.lite.LiteSubscriptionQuotaExceededException;
import io.litetopic.lite.internal.consumer.ClientUnknownException;
import io.litetopic.lite.internal.consumer.DeliveryGoneException;
import java.util.concurrent.CompletionException;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.shaded.io.grpc.Status;
import org.apache.rocketmq.shaded.io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OfficialErrorsTest {

    @Test
    void okIsNoError() {
        assertThat(OfficialErrors.ofStatus("cannot ack", status(Code.OK, "OK"), "r"))
                .isNull();
    }

    @Test
    void statusKeepsTheServersWordsAndTheRequestId() {
        LiteException error = OfficialErrors.ofStatus(
                "cannot subscribe to [a]", status(Code.BAD_REQUEST, "group is bound to another topic"), "req-7");

        assertThat(error)
                .isNotNull()
                .hasMessage(
                        "cannot subscribe to [a]: group is bound to another topic (BAD_REQUEST) [request-id=req-7]");
        assertThat(error.getRequestId()).hasValue("req-7");
        assertThat(error.isRetryable()).isFalse();
    }

    @Test
    void codesThatCallForAnActionHaveTheirOwnTypes() {
        assertThat(OfficialErrors.ofStatus("c", status(Code.PRECONDITION_FAILED, "restarted"), "r"))
                .isInstanceOf(ClientUnknownException.class);
        assertThat(OfficialErrors.ofStatus("c", status(Code.INVALID_RECEIPT_HANDLE, "over"), "r"))
                .isInstanceOf(DeliveryGoneException.class);
        assertThat(OfficialErrors.ofStatus("c", status(Code.LITE_SUBSCRIPTION_QUOTA_EXCEEDED, "full"), "r"))
                .isInstanceOf(LiteSubscriptionQuotaExceededException.class);
    }

    @Test
    void readsTheCodeThatTheOfficialClientKeepsOnlyInItsMessage() {
        ClientException official = new ClientException(42800, "req-1", "unknown client");

        LiteException error = OfficialErrors.ofCall("cannot receive", new CompletionException(official));

        assertThat(error).isInstanceOf(ClientUnknownException.class).hasCause(official);
        assertThat(error.getRequestId()).hasValue("req-1");
    }

    @ParameterizedTest
    @CsvSource({
        "TOO_MANY_REQUESTS, true",
        "INTERNAL_SERVER_ERROR, true",
        "PROXY_TIMEOUT, true",
        "NOT_IMPLEMENTED, false",
        "UNSUPPORTED, false",
        "CONSUMER_GROUP_NOT_FOUND, false"
    })
    void saysWhetherARetryHelps(Code code, boolean retryable) {
        LiteException error = OfficialErrors.ofStatus("c", status(code, "m"), "r");

        assertThat(error).isNotNull();
        assertThat(error.isRetryable()).isEqualTo(retryable);
    }

    @Test
    void unknownFailureIsRetryableAndNamesItsCause() {
        LiteException error = OfficialErrors.ofCall("cannot receive", new IllegalStateException("not running"));

        assertThat(error).hasMessage("cannot receive: not running");
        assertThat(error.isRetryable()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, true, check that it runs",
        "DEADLINE_EXCEEDED, true, requestTimeout",
        "CANCELLED, true, try again unless",
        "UNAUTHENTICATED, false, check those of the client configuration",
        "INTERNAL, true, look into the server's log"
    })
    void saysInItsOwnWordsWhatHappenedOnTheWay(Status.Code grpc, boolean retryable, String remedy) {
        StatusRuntimeException failure = Status.fromCode(grpc)
                .withDescription("io exception\nChannel Pipeline: [SslHandler#0]")
                .asRuntimeException();

        LiteException error = OfficialErrors.ofCall("cannot receive", failure);

        assertThat(error)
                .hasMessageStartingWith("cannot receive: ")
                .hasMessageContaining(remedy)
                .hasCause(failure);
        assertThat(error.getMessage()).doesNotContain("Pipeline");
        assertThat(error.isRetryable()).isEqualTo(retryable);
    }

    @Test
    void proxyThatDoesNotKnowTheCallHasNoPlugin() {
        assertThat(OfficialErrors.ofCall("cannot register", Status.UNIMPLEMENTED.asRuntimeException()))
                .isInstanceOf(LitePluginMissingException.class);
    }

    private static apache.rocketmq.v2.Status status(Code code, String message) {
        return apache.rocketmq.v2.Status.newBuilder()
                .setCode(code)
                .setMessage(message)
                .build();
    }
}
