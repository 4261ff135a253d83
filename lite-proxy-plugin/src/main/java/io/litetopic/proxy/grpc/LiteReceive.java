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
import io.litetopic.proxy.engine.LiteTopicFilter;
import io.litetopic.proxy.engine.Poll;
import io.litetopic.proxy.engine.ReceiptHandle;
import io.litetopic.proxy.grpc.ClientStreams.ClientStream;
import io.litetopic.proxy.rocketmq.ClientIdentity;
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
    private final ClientStreams streams;
    private final LiteMessageConverter converter;
    private final Executor responders;
    private final ReceiveAttempts attempts = new ReceiveAttempts();

    LiteReceive(LiteRequests requests, ClientStreams streams, LiteMessageConverter converter, Executor responders) {
        this.requests = requests;
        this.streams = streams;
        this.converter = converter;
        this.responders = responders;
    }

    void receive(ReceiveMessageRequest request, ServerCallStreamObserver<ReceiveMessageResponse> observer) {
        GroupDispatcher dispatcher = requests.dispatcher(
                request.getMessageQueue().getTopic().getName(),
                request.getGroup().getName());
        String clientId = LiteRequests.clientId();
        ClientStream stream = declaredStream(clientId, dispatcher);
        checkFilter(request.getFilterExpression());
        int batchSize = batchSize(request.getBatchSize());
        boolean isSimple = stream != null && !stream.isLitePush();
        boolean isPush = !isSimple && (request.getAutoRenew() || !request.hasInvisibleDuration());
        Duration invisible = isPush ? null : invisibleDuration(request);
        streams.requested(clientId, ClientIdentity.remoteAddress(), dispatcher);
        LiteTopicFilter filter = requests.filterFor(dispatcher, clientId);
        if (stream != null) {
            dispatcher.clientSeen(clientId, filter); // it needs no subscription to be known
        }
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
        dispatcher.poll(poll, waitOf(request), filter);
    }

    /** The client's connection, if it declared one of a lite consumer of the group. */
    private @Nullable ClientStream declaredStream(String clientId, GroupDispatcher dispatcher) {
        ClientStream stream = streams.of(clientId);
        return stream != null && stream.isLite() && stream.group.equals(dispatcher.group()) ? stream : null;
    }

    private static void giveBack(GroupDispatcher dispatcher, String clientId, ReceiptHandle handle) {
        Callbacks.onDone(dispatcher.giveBack(clientId, handle), (settlement, failure) -> {
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
        if (!request.hasInvisibleDuration()) {
            throw new RequestException(
                    Code.ILLEGAL_INVISIBLE_TIME,
                    "a receive of a simple consumer needs an invisible duration [requested=none, max="
                            + LiteRequests.MAX_INVISIBLE + "]; set invisible_duration");
        }
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
