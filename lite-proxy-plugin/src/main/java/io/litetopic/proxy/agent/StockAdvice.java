package io.litetopic.proxy.agent;

import io.grpc.BindableService;
import net.bytebuddy.asm.Advice;
import org.apache.rocketmq.proxy.processor.MessagingProcessor;

/** Code that is inlined at the start of stock methods. */
final class StockAdvice {
    private StockAdvice() {}

    /** {@code static GrpcMessagingApplication create(MessagingProcessor)}. */
    static final class OnCreate {
        private OnCreate() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(0) MessagingProcessor processor) {
            AgentHooks.beforeCreate(processor);
        }
    }

    /** {@code GrpcServerBuilder addService(BindableService)}. */
    static final class OnAddService {
        private OnAddService() {}

        @Advice.OnMethodEnter
        @SuppressWarnings("UnusedAssignment") // the assignment changes the argument of the stock method
        static void enter(@Advice.Argument(value = 0, readOnly = false) BindableService service) {
            service = AgentHooks.replace(service);
        }
    }

    /** {@code void shutdown()} of the gRPC server and of the broker in local mode. */
    static final class OnShutdown {
        private OnShutdown() {}

        @Advice.OnMethodEnter
        static void enter() {
            AgentHooks.beforeShutdown();
        }
    }
}
