package io.litetopic.proxy.grpc;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.FilterExpression;
import apache.rocketmq.v2.FilterType;
import apache.rocketmq.v2.ReceiveMessageRequest;
import apache.rocketmq.v2.ReceiveMessageResponse;
import com.google.protobuf.util.Durations;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.litetopic.proxy.concurrent.Callbacks;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.ReceiptHandle;
import io.litetopic.proxy.grpc.ClientStreams.ClientStream;
import io.litetopic.proxy.rocketmq.LiteMessageConverter;
import io.litetopic.proxy.runtime.GroupDispatcher;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.logging.org.slf4j.Logger;
import org.apache.rocketmq.logging.org.slf4j.LoggerFactory;
import org.jspecify.annotations.Nullable;

/** Turns receive requests into polls. Thread-safe. */
final class LiteReceive {
    /** Receive calls that one push client keeps under way. */
    static final int PARALLEL_RECEIVES = 4;

    private static final int MAX_BATCH = 1_024;
    private static final Duration MAX_WAIT = Duration.ofMinutes(1);
    /** An answer must arrive before the client gives the call up. */
    private static final long DEADLINE_MARGIN_MILLIS = 500;

    private static final Logger log = LoggerFactory.getLogger("RocketmqProxy");

    private final LiteRequests requests;
    private final LiteMessageConverter converter;
    private final Executor responders;
    private final ReceiveAttempts attempts = new ReceiveAttempts();

    LiteReceive(LiteRequests requests, LiteMessageConverter converter, Executor responders) {
        this.requests = requests;
        this.converter = converter;
        this.responders = responders;
    }

    /** @param stream the caller's connection, if it declared one to a lite group */
    void receive(
            ReceiveMessageRequest request,
            ServerCallStreamObserver<ReceiveMessageResponse> observer,
            @Nullable ClientStream stream) {
        GroupDispatcher dispatcher = requests.dispatcher(
                request.getMessageQueue().getTopic().getName(),
                request.getGroup().getName());
        String clientId = LiteRequests.clientId();
        if (stream != null && stream.isLitePush && stream.group.equals(dispatcher.group())) {
            dispatcher.clientSeen(clientId); // it may have connected before its group was served
        }
        checkFilter(request.getFilterExpression());
        int batchSize = batchSize(request.getBatchSize());
        boolean isPush = request.getAutoRenew() || !request.hasInvisibleDuration();
        Duration invisible = isPush ? null : invisibleDuration(request);
        ReceiveCall call = new ReceiveCall(dispatcher, clientId, observer, converter, responders, invisible);
        Poll poll = new Poll(
                clientId,
                batchSize,
                // A push client handles what one response brings in any order.
                isPush ? 1 : batchSize,
                invisible == null ? Poll.WHILE_CLIENT_LIVES : invisible.toNanos(),
                call);
        Runnable cancel = () -> call.onCancelled(() -> dispatcher.cancelPoll(poll));
        observer.setOnCancelHandler(cancel);
        if (request.hasAttemptId()) {
            call.rememberIn(attempts.begin(
                    clientId, request.getAttemptId(), cancel, handle -> giveBack(dispatcher, clientId, handle)));
        }
        dispatcher.poll(poll, waitOf(request));
    }

    /** For the shortest suspend, so that it counts as no attempt. */
    private static void giveBack(GroupDispatcher dispatcher, String clientId, ReceiptHandle handle) {
        Callbacks.onDone(dispatcher.suspend(clientId, handle, LiteRequests.MIN_SUSPEND), (settlement, failure) -> {
            if (failure != null) {
                log.warn("lost delivery not given back consumerGroup={} {}", dispatcher.group(), handle, failure);
            }
        });
    }

    /** The client ends. */
    void forget(String clientId) {
        attempts.forget(clientId);
    }

    private static int batchSize(int requested) {
        if (requested < 1) {
            throw new RequestException(
                    Code.BAD_REQUEST,
                    "batch size is out of range [requested=" + requested + ", min=1]; ask for 1 or more");
        }
        return Math.min(requested, MAX_BATCH);
    }

    private static Duration invisibleDuration(ReceiveMessageRequest request) {
        Duration duration = LiteRequests.invisibleDuration(request.getInvisibleDuration());
        if (duration.isZero()) {
            throw new RequestException(
                    Code.ILLEGAL_INVISIBLE_TIME, "invisible duration of a receive must be positive [requested=PT0S]");
        }
        return duration;
    }

    private static void checkFilter(@Nullable FilterExpression filter) {
        if (filter == null || filter.getExpression().isEmpty()) {
            return;
        }
        if (filter.getType() == FilterType.SQL || !filter.getExpression().equals("*")) {
            throw new RequestException(
                    Code.ILLEGAL_FILTER_EXPRESSION,
                    "lite topics are not filtered [expression=" + filter.getExpression() + "]; subscribe to all ('*')");
        }
    }

    private static Duration waitOf(ReceiveMessageRequest request) {
        long millis = request.hasLongPollingTimeout() ? Durations.toMillis(request.getLongPollingTimeout()) : 0;
        millis = Math.min(millis, MAX_WAIT.toMillis());
        Deadline deadline = Context.current().getDeadline();
        if (deadline != null) {
            millis = Math.min(millis, deadline.timeRemaining(TimeUnit.MILLISECONDS) - DEADLINE_MARGIN_MILLIS);
        }
        return Duration.ofMillis(Math.max(0, millis));
    }
}
