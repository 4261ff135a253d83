package io.litetopic.proxy.rocketmq;

import apache.rocketmq.v2.Code;
import apache.rocketmq.v2.MessageQueue;
import apache.rocketmq.v2.ReceiveMessageRequest;
import apache.rocketmq.v2.Resource;
import com.google.protobuf.GeneratedMessageV3;
import io.grpc.Context;
import io.grpc.Metadata;
import java.util.HashSet;
import java.util.Set;
import org.apache.rocketmq.auth.authentication.context.AuthenticationContext;
import org.apache.rocketmq.auth.authentication.context.DefaultAuthenticationContext;
import org.apache.rocketmq.auth.config.AuthConfig;
import org.apache.rocketmq.common.constant.GrpcConstants;
import org.apache.rocketmq.proxy.common.ProxyContext;
import org.apache.rocketmq.proxy.config.ConfigurationManager;
import org.apache.rocketmq.proxy.grpc.pipeline.AuthenticationPipeline;
import org.apache.rocketmq.proxy.grpc.pipeline.AuthorizationPipeline;
import org.apache.rocketmq.proxy.grpc.pipeline.ContextInitPipeline;
import org.apache.rocketmq.proxy.grpc.pipeline.RequestPipeline;
import org.apache.rocketmq.proxy.grpc.v2.common.GrpcProxyException;
import org.apache.rocketmq.proxy.processor.MessagingProcessor;
import org.jspecify.annotations.Nullable;

/**
 * Checks a request as the proxy checks its own: who sends it, and whether that user may. A request type that the proxy does not
 * know is <em>allowed</em> by its authorization; hand over a request of a known type with the same topic and group instead.
 *
 * <p>The proxy's checks read the user and the connection from headers that it adds only if the client has not sent them. Both are
 * taken off here before each check, so a client cannot pass for another user, nor for a connection that was checked before.
 * Thread-safe.
 */
public final class RequestAuthorizer {
    private static final String AUTHENTICATED = "lite-authentication";

    private final RequestPipeline pipeline;
    private final boolean authenticates;
    private final Set<String> unauthenticatedTypes;

    private RequestAuthorizer(RequestPipeline pipeline, boolean authenticates, Set<String> unauthenticatedTypes) {
        this.pipeline = pipeline;
        this.authenticates = authenticates;
        this.unauthenticatedTypes = unauthenticatedTypes;
    }

    /** With the checks that the proxy in this JVM is configured for. */
    public static RequestAuthorizer forProxy(MessagingProcessor processor) {
        RequestPipeline pipeline = (context, headers, request) -> {};
        AuthConfig authConfig = ConfigurationManager.getAuthConfig();
        if (authConfig != null) {
            pipeline = pipeline.pipe(new AuthorizationPipeline(authConfig, processor))
                    .pipe(new RememberingAuthentication(authConfig, processor));
        }
        return new RequestAuthorizer(
                // what is added last runs first
                pipeline.pipe(new ContextInitPipeline()),
                authConfig != null && authConfig.isAuthenticationEnabled(),
                whitelist(authConfig == null ? null : authConfig.getAuthenticationWhitelist()));
    }

    /** Whether the proxy authenticates its clients; if not, no caller has a user. */
    public boolean authenticates() {
        return authenticates;
    }

    /** Like {@link #authorize}: may the caller consume the topic in the group? */
    public Caller authorizeConsumer(Resource topic, Resource group) {
        return authorize(ReceiveMessageRequest.newBuilder()
                .setGroup(group)
                .setMessageQueue(MessageQueue.newBuilder().setTopic(topic))
                .build());
    }

    /**
     * Call it on the gRPC thread of the request: the caller's metadata is bound to it. May block for a short time while user data
     * is loaded.
     *
     * @throws RuntimeException if the caller is not allowed to, or sends no client id; {@link StatusMapper} has its status
     */
    public Caller authorize(GeneratedMessageV3 request) {
        Metadata headers = GrpcConstants.METADATA.get(Context.current());
        headers.discardAll(GrpcConstants.AUTHORIZATION_AK);
        headers.discardAll(GrpcConstants.CHANNEL_ID);
        ProxyContext context = ProxyContext.create();
        pipeline.execute(context, headers, request);
        String clientId = context.getClientID();
        if (clientId == null || clientId.trim().isEmpty()) {
            throw new GrpcProxyException(
                    Code.CLIENT_ID_REQUIRED, "client id cannot be empty; set header x-mq-client-id");
        }
        return new Caller(clientId, userOf(context, request));
    }

    /** A type that is excepted from authentication carries whatever user name the client writes. */
    private String userOf(ProxyContext context, GeneratedMessageV3 request) {
        AuthenticationContext authenticated = context.getVal(AUTHENTICATED);
        boolean isVerified = authenticates
                && authenticated instanceof DefaultAuthenticationContext
                && !unauthenticatedTypes.contains(request.getDescriptorForType().getFullName());
        String user = isVerified ? ((DefaultAuthenticationContext) authenticated).getUsername() : null;
        return user == null ? "" : user;
    }

    private static Set<String> whitelist(@Nullable String types) {
        Set<String> result = new HashSet<>();
        for (String type : types == null ? new String[0] : types.split(",", -1)) {
            result.add(type.trim());
        }
        return result;
    }

    /** Keeps what it has authenticated. */
    private static final class RememberingAuthentication extends AuthenticationPipeline {
        RememberingAuthentication(AuthConfig authConfig, MessagingProcessor processor) {
            super(authConfig, processor);
        }

        @Override
        protected AuthenticationContext newContext(ProxyContext context, Metadata headers, GeneratedMessageV3 request) {
            AuthenticationContext result = super.newContext(context, headers, request);
            context.withVal(AUTHENTICATED, result);
            return result;
        }
    }
}
