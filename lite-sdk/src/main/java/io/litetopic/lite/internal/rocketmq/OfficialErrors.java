package io.litetopic.lite.internal.rocketmq;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.Status;
import io.litetopic.lite.LiteException;
import io.litetopic.lite.LitePluginMissingException;
import io.litetopic.lite.LiteSubscriptionQuotaExceededException;
import io.litetopic.lite.LiteTopicQuotaExceededException;
import io.litetopic.lite.internal.consumer.ClientUnknownException;
import io.litetopic.lite.internal.consumer.DeliveryGoneException;
import io.litetopic.lite.internal.consumer.Futures;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.rocketmq.client.apis.ClientException;
import org.apache.rocketmq.client.apis.message.Message;
import org.jspecify.annotations.Nullable;

/** Maps what the official client and the server report to the exceptions of this SDK, in one place. */
public final class OfficialErrors {

    // How ClientException writes request id and code into its message; it offers no other way to read them.
    private static final Pattern REQUEST_AND_CODE =
            Pattern.compile("\\[request-id=([^,]*), response-code=(\\d+)] ?(.*)", Pattern.DOTALL);

    // How the official producer refuses a message type; its exception has no other mark.
    private static final String TYPE_MISMATCH = "topic accept message types";

    // How proxies that know this property refuse it as one of the user's.
    private static final String RESERVED_PROPERTY = "property is used by system: __LITE_TOPIC";

    private static final String DEPLOY_PLUGIN = "the proxy runs without the LiteTopic plugin; start it with"
            + " JAVA_OPT_EXT=-javaagent:lite-proxy-plugin.jar=<config.yaml> and declare the bind topic there, or look into"
            + " its log if the plugin is deployed already but did not start";

    private OfficialErrors() {}

    /** Maps the failure of a send; one that has no meaning of its own here stays as it is. */
    public static ClientException ofSend(ClientException failure, Message message) {
        Throwable mapped = ofAsyncSend(failure, message);
        return mapped instanceof ClientException ? (ClientException) mapped : failure;
    }

    /**
     * Maps the failure of an asynchronous send; one that has no meaning of its own here stays as it is. Without an answer of
     * a server a retry may help, and the message may have been stored.
     */
    public static Throwable ofAsyncSend(Throwable failure, Message message) {
        Throwable cause = Futures.causeOf(failure);
        if (grpcStatus(cause) != null) {
            return ofCall(sending(message), cause);
        }
        if (cause instanceof IllegalArgumentException) {
            return ofRefused((IllegalArgumentException) cause, message);
        }
        Response response = Response.of(cause);
        if (response != null && response.message.contains(RESERVED_PROPERTY)) {
            return new LiteException(
                    "cannot send: the proxy is of RocketMQ 5.5.0 or later, which has lite topics of its own, and does not take"
                            + " those of the LiteTopic plugin [topic=" + message.getTopic() + ", liteTopic="
                            + message.getLiteTopic().orElse("none")
                            + "]; use the official producer there, or a 5.3.3 proxy",
                    false,
                    response.requestId,
                    cause);
        }
        if (response == null || response.code != Code.LITE_TOPIC_QUOTA_EXCEEDED_VALUE) {
            return cause;
        }
        return new LiteTopicQuotaExceededException(
                "cannot send: " + response.message + " [topic=" + message.getTopic() + ", liteTopic="
                        + message.getLiteTopic().orElse("none") + "]",
                response.requestId,
                cause);
    }

    /** The official producer sends nothing that the topic does not accept, but does not know what the message was made from. */
    public static IllegalArgumentException ofRefused(IllegalArgumentException refusal, Message message) {
        String text = refusal.getMessage();
        if (!message.getLiteTopic().isPresent() || text == null || !text.contains(TYPE_MISMATCH)) {
            return refusal;
        }
        return new IllegalArgumentException(
                "cannot send: a message with a lite topic needs a topic of type FIFO [topic=" + message.getTopic()
                        + ", liteTopic=" + message.getLiteTopic().get() + "]; run mqadmin updateTopic -t "
                        + message.getTopic()
                        + " -a +message.type=FIFO. Topics of type LITE, the brokers' own lite topics"
                        + " of RocketMQ 5.5.0 and later, are not served by this version; use the official producer there",
                refusal);
    }

    /** A send failed without an answer of a server: a retry may help, and the message may have been stored. */
    public static LiteException ofUnreachable(RuntimeException failure, Message message) {
        return ofCall(sending(message), failure);
    }

    private static String sending(Message message) {
        return "cannot send [topic=" + message.getTopic() + "]";
    }

    /** Whether a server has answered, with an error. */
    static boolean isAnswer(Throwable failure) {
        return Response.of(Futures.causeOf(failure)) != null;
    }

    /**
     * Maps the failure of a call of a consumer that has no response, or one in the form of an exception.
     *
     * @param context what was called with which values
     */
    static LiteException ofCall(String context, Throwable failure) {
        Throwable cause = Futures.causeOf(failure);
        if (cause instanceof LiteException) {
            return (LiteException) cause;
        }
        Response response = Response.of(cause);
        if (response != null) {
            return ofResponse(context, response, cause);
        }
        String status = grpcStatus(cause);
        if (status == null) {
            return new LiteException(context + ": " + describe(cause), true, null, cause);
        }
        return ofGrpc(context, status, cause);
    }

    /** Says what it means for who uses this SDK; gRPC's own words are in the cause. */
    private static LiteException ofGrpc(String context, String status, Throwable cause) {
        String meaning;
        boolean retryable = true;
        switch (status) {
            case "UNIMPLEMENTED":
                return new LitePluginMissingException(context + ": " + DEPLOY_PLUGIN, null, cause);
            case "UNAVAILABLE":
                meaning = "no connection to the server; check that it runs, and that endpoints and enableSsl of the"
                        + " client configuration fit it, then try again";
                break;
            case "DEADLINE_EXCEEDED":
                meaning = "the server did not answer in time, what came of the call is not known; try again, with a"
                        + " longer requestTimeout in the client configuration if the server is slow";
                break;
            case "CANCELLED":
                meaning = "the call was ended before it was answered; try again unless this client is closed";
                break;
            case "UNAUTHENTICATED":
            case "PERMISSION_DENIED":
                meaning = "the server, or what is in front of it, refuses the credentials; check those of the client"
                        + " configuration";
                retryable = false;
                break;
            default:
                meaning = "the call failed on its way (" + status + "); try again, and look into the server's log";
                break;
        }
        return new LiteException(context + ": " + meaning, retryable, null, cause);
    }

    /**
     * Maps the failure to start a client, which the official one wraps several times.
     *
     * @param remedy what to check
     */
    public static LiteException ofStart(String context, String remedy, Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && Response.of(root) == null) {
            root = root.getCause();
        }
        LiteException mapped = ofCall(context, root);
        return new LiteException(mapped.getMessage() + "; " + remedy, mapped.isRetryable(), null, failure);
    }

    /** Maps the status of a response; null means success. */
    static @Nullable LiteException ofStatus(String context, Status status, String requestId) {
        if (status.getCode() == Code.OK) {
            return null;
        }
        return ofResponse(context, new Response(status.getCodeValue(), requestId, status.getMessage()), null);
    }

    /** Maps the status of a receive call; null means success, which includes that there was no message. */
    static @Nullable LiteException ofReceive(String context, Status status, String requestId) {
        return status.getCode() == Code.MESSAGE_NOT_FOUND ? null : ofStatus(context, status, requestId);
    }

    private static LiteException ofResponse(String context, Response response, @Nullable Throwable cause) {
        String text = context + ": " + response.message;
        switch (response.code) {
            case Code.LITE_SUBSCRIPTION_QUOTA_EXCEEDED_VALUE:
                return new LiteSubscriptionQuotaExceededException(text, response.requestId, cause);
            case Code.LITE_TOPIC_QUOTA_EXCEEDED_VALUE:
                return new LiteTopicQuotaExceededException(text, response.requestId, cause);
            case Code.INVALID_RECEIPT_HANDLE_VALUE:
                return new DeliveryGoneException(text, response.requestId, cause);
            case Code.PRECONDITION_FAILED_VALUE:
                return new ClientUnknownException(text, response.requestId, cause);
            default:
                return new LiteException(
                        text + " (" + codeName(response.code) + ")",
                        isRetryable(response.code),
                        response.requestId,
                        cause);
        }
    }

    private static boolean isRetryable(int code) {
        boolean overloaded = code == Code.TOO_MANY_REQUESTS_VALUE || code == Code.REQUEST_TIMEOUT_VALUE;
        boolean serverFault = code >= Code.INTERNAL_ERROR_VALUE
                && code < Code.UNSUPPORTED_VALUE
                && code != Code.NOT_IMPLEMENTED_VALUE;
        return overloaded || serverFault;
    }

    private static String codeName(int code) {
        Code known = Code.forNumber(code);
        return known == null ? "code " + code : known.name();
    }

    /** The status of a failed gRPC call; null if it is something else. */
    private static @Nullable String grpcStatus(Throwable failure) {
        String message = failure.getMessage();
        // By name, as the class is shaded in one variant of the client and not in the other.
        if (message == null || !failure.getClass().getSimpleName().equals("StatusRuntimeException")) {
            return null;
        }
        int end = message.indexOf(':');
        return end < 0 ? message : message.substring(0, end);
    }

    private static String describe(Throwable failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    /** What the server answered. */
    private static final class Response {
        private final int code;
        private final String requestId;
        private final String message;

        private Response(int code, String requestId, String message) {
            this.code = code;
            this.requestId = requestId;
            this.message = message;
        }

        private static @Nullable Response of(Throwable failure) {
            if (!(failure instanceof ClientException) || failure.getMessage() == null) {
                return null;
            }
            Matcher matcher = REQUEST_AND_CODE.matcher(failure.getMessage());
            return matcher.matches()
                    ? new Response(Integer.parseInt(matcher.group(2)), matcher.group(1), matcher.group(3))
                    : null;
        }
    }
}
