package io.litetopic.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.proxy.mailbox.Position;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiptHandleTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "u",
                "chatbot/{sessionID}",
                "用户-1",
                "0123456789012345678901234567890123456789012345678901234567890123"
            })
    void survivesItsTextForm(String liteTopic) {
        ReceiptHandle handle = new ReceiptHandle(liteTopic, Long.MIN_VALUE + 17, Position.of(3, 123_456_789_012L));

        ReceiptHandle parsed = ReceiptHandle.parse(handle.encode());

        assertThat(parsed.liteTopic()).isEqualTo(liteTopic);
        assertThat(parsed.leaseId()).isEqualTo(handle.leaseId());
        assertThat(parsed.position()).isEqualTo(handle.position());
    }

    @Test
    void layoutIsTheDocumentedOne() {
        // version 1, lease id 2, slot 1 and queue offset 3, "a"
        assertThat(new ReceiptHandle("a", 2, Position.of(1, 3)).encode()).isEqualTo("AQAAAAAAAAACAAEAAAAAAANh");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "!", "AQ", "AgAAAAAAAAACAAEAAAAAAANh", "AQAAAAAAAAACAAEAAAAAAAM", "not a handle"})
    void refusesWhatIsNoHandle(String text) {
        assertThatThrownBy(() -> ReceiptHandle.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a receipt handle");
    }
}
