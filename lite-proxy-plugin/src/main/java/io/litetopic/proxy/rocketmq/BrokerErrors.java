package io.litetopic.proxy.rocketmq;

import io.litetopic.proxy.broker.BrokerException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.remoting.exception.RemotingException;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.jspecify.annotations.Nullable;

/** Turns what the stock client throws into {@link BrokerException}s, and decides whether a retry helps. */
final class BrokerErrors {
    /** Answers that stay the same until an operator does something. Any other may pass: a restart, overload, a new master. */
    private static final Set<Integer> PERMANENT_CODES = Collections.unmodifiableSet(new HashSet<>(Arrays.asList(
            ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
            ResponseCode.MESSAGE_ILLEGAL,
            ResponseCode.VERSION_NOT_SUPPORTED,
            ResponseCode.NO_PERMISSION,
            ResponseCode.TOPIC_NOT_EXIST,
            ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
            ResponseCode.INVALID_PARAMETER)));

    private BrokerErrors() {}

    /** @param what the operation and its object: {@code pull group=g queue=t@b/0 offset=7} */
    static BrokerException of(String what, Throwable error) {
        Throwable cause = unwrap(error);
        if (cause instanceof BrokerException) {
            return (BrokerException) cause;
        }
        Integer code = codeOf(cause);
        if (code != null) {
            String message = "cannot " + what + ": answered code " + code + ", " + remarkOf(cause) + remedyFor(code);
            return isQueueMissing(code, remarkOf(cause))
                    ? BrokerException.queueMissing(message, cause, false)
                    : new BrokerException(message, cause, !PERMANENT_CODES.contains(code));
        }
        boolean retryable = cause instanceof RemotingException || cause instanceof InterruptedException;
        return new BrokerException("cannot " + what + ": " + cause, cause, retryable);
    }

    /** Brokers have no code for a queue id that is too high; what they say of it is the same since 4.0. */
    private static boolean isQueueMissing(int code, @Nullable String remark) {
        return code == ResponseCode.TOPIC_NOT_EXIST
                || (remark != null && remark.contains("queueId[") && remark.contains("] is illegal"));
    }

    /** The broker also says so of topics without the permission that is asked for; those are found before anything is asked. */
    private static String remedyFor(int code) {
        return code == ResponseCode.NO_PERMISSION
                ? "; if the broker has access control, set innerClientAuthenticationCredentials in rmq-proxy.json to a user that"
                        + " may do this, and in cluster mode enableAclRpcHookForClusterMode too"
                : "";
    }

    /** The broker's response code, or {@code null} if {@code error} is no answer of a broker or name server. */
    static @Nullable Integer codeOf(Throwable error) {
        Throwable cause = unwrap(error);
        if (cause instanceof MQBrokerException) {
            return ((MQBrokerException) cause).getResponseCode();
        }
        if (cause instanceof MQClientException && ((MQClientException) cause).getResponseCode() != -1) {
            return ((MQClientException) cause).getResponseCode();
        }
        return null;
    }

    /** Whether the error is about reaching the broker, not an answer of it. */
    static boolean isUnreachable(Throwable error) {
        return unwrap(error) instanceof RemotingException;
    }

    private static @Nullable String remarkOf(Throwable cause) {
        return cause instanceof MQBrokerException
                ? ((MQBrokerException) cause).getErrorMessage()
                : ((MQClientException) cause).getErrorMessage();
    }

    private static Throwable unwrap(Throwable error) {
        Throwable cause = error;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
