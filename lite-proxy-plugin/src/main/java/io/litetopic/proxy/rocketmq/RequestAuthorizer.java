package io.litetopic.proxy.rocketmq;

import apache.rocketmq.v2.Code;
import com.google.protobuf.GeneratedMessageV3;
import io.grpc.Context;
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

/**
 * Checks a request as the proxy checks its own: who sends it, and whether that user may. A request type that the proxy does not
 * know is <em>allowed</em> by its authorization; hand over a request of a known type with the same topic and group instead.
 * Thread-safe.
 */
public final class RequestAuthorizer {
    private final RequestPipeline pipeline;

    private RequestAuthorizer(RequestPipeline pipeline) {
        this.pipeline = pipeline;
    }

    /** With the checks that the proxy in this JVM is configured for. */
    public static RequestAuthorizer forProxy(MessagingProcessor processor) {
        RequestPipeline pipeline = (context, headers, request) -> {};
        AuthConfig authConfig = ConfigurationManager.getAuthConfig();
        if (authConfig != null) {
            pipeline = pipeline.pipe(new AuthorizationPipeline(authConfig, processor))
                    .pipe(new AuthenticationPipeline(authConfig, processor));
        }
        // what is added last runs first
        return new RequestAuthorizer(pipeline.pipe(new ContextInitPipeline()));
    }

    /**
     * Call it on the gRPC thread of the request: the caller's metadata is bound to it. May block for a short time while user data
     * is loaded.
     *
     * @return who called, from where
     * @throws RuntimeException if the caller is not allowed to, or sends no client id; {@link StatusMapper} has its status
     */
    public ProxyContext authorize(GeneratedMessageV3 request) {
        ProxyContext context = ProxyContext.create();
        pipeline.execute(context, GrpcConstants.METADATA.get(Context.current()), request);
        if (context.getClientID() == null || context.getClientID().trim().isEmpty()) {
            throw new GrpcProxyException(
                    Code.CLIENT_ID_REQUIRED, "client id cannot be empty; set header x-mq-client-id");
        }
        return context;
    }
}
