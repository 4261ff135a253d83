package io.litetopic.cli.bench.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class PayloadTest {
    private final Payload payload = new Payload(7, 123_456, Long.MAX_VALUE);

    @Test
    void comesBackFromABodyOfAnyLength() {
        assertThat(payload.encode(256)).hasSize(256);
        assertThat(Payload.decode(ByteBuffer.wrap(payload.encode(256)))).isEqualTo(payload);
        assertThat(Payload.decode(ByteBuffer.wrap(payload.encode(1)))).isEqualTo(payload);
    }

    @Test
    void isReadFromWhereTheBufferStands() {
        ByteBuffer buffer =
                ByteBuffer.allocate(20).position(4).put(payload.encode(16)).position(4);

        assertThat(Payload.decode(buffer)).isEqualTo(payload);
    }
}
