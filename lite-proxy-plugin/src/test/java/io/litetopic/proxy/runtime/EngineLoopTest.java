package io.litetopic.proxy.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class EngineLoopTest {
    private final EngineLoop loop = new EngineLoop("test-engine");

    @Test
    void fatalErrorIsToldToTheMachinesAndLaterCommandsAreRejected() throws Exception {
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        loop.add(new EngineLoop.Machine() {
            @Override
            public void dispatch(long nowNanos) {}

            @Override
            public long nextDeadlineNanos() {
                return Long.MAX_VALUE;
            }

            @Override
            public void loopFailed(Throwable cause) {
                told.complete(cause);
            }
        });
        loop.start();
        Error fatal = new NoClassDefFoundError("thrown by the test");

        loop.execute(
                () -> {
                    throw fatal;
                },
                () -> {});

        assertThat(told.get(10, TimeUnit.SECONDS)).isSameAs(fatal);
        assertThat(isRejected().get(10, TimeUnit.SECONDS)).isTrue();
        loop.close();
    }

    @Test
    void commandsAreRejectedAfterTheClose() throws Exception {
        loop.start();
        assertThat(isRejected().get(10, TimeUnit.SECONDS)).isFalse();

        loop.close();

        assertThat(isRejected().get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void commandsOfALoopThatNeverStartedAreRejectedByItsClose() throws Exception {
        CompletableFuture<Boolean> waiting = isRejected();

        loop.close();

        assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatCameDuringAStallIsTakenBeforeAnythingThatIsDue() throws Exception {
        BlockingQueue<String> done = new LinkedBlockingQueue<>();
        AtomicBoolean stalled = new AtomicBoolean();
        loop.add(machine(() -> {
            if (stalled.get()) {
                done.add("deadline");
            }
        }));
        loop.start();

        loop.execute(
                () -> {
                    pause(2_500);
                    stalled.set(true);
                    // comes out of a socket, on another thread, only when the process runs again
                    new Thread(() -> loop.execute(() -> done.add("command"), () -> {})).start();
                },
                () -> {});

        assertThat(done.poll(10, TimeUnit.SECONDS)).isEqualTo("command");
        assertThat(done.poll(10, TimeUnit.SECONDS)).isEqualTo("deadline");
        loop.close();
    }

    private static EngineLoop.Machine machine(Runnable dispatch) {
        return new EngineLoop.Machine() {
            @Override
            public void dispatch(long nowNanos) {
                dispatch.run();
            }

            @Override
            public long nextDeadlineNanos() {
                return Long.MAX_VALUE;
            }

            @Override
            public void loopFailed(Throwable cause) {}
        };
    }

    private static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private CompletableFuture<Boolean> isRejected() {
        CompletableFuture<Boolean> rejected = new CompletableFuture<>();
        loop.execute(() -> rejected.complete(false), () -> rejected.complete(true));
        return rejected;
    }
}
