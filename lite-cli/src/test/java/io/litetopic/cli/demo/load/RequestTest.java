package io.litetopic.cli.demo.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class RequestTest {
    private final Request request = new Request(19, 123_456, 9_876_543_210L, 20_000);

    @Test
    void survivesItsTripThroughAMessageBody() {
        assertThat(Request.decode(ByteBuffer.wrap(request.encode()))).isEqualTo(request);
    }

    @Test
    void leavesTheBufferAsItWas() {
        ByteBuffer body = ByteBuffer.wrap(request.encode()).asReadOnlyBuffer();

        Request.decode(body);

        assertThat(body.position()).isZero();
    }

    @Test
    void refusesABodyOfAnotherLength() {
        assertThatThrownBy(() -> Request.decode(ByteBuffer.allocate(3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bytes=3")
                .hasMessageContaining("expected=20");
    }
}
