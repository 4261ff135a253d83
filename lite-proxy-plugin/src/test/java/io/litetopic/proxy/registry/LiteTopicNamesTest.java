package io.litetopic.proxy.registry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LiteTopicNamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "user-1", "chatbot/{sessionID}", "用户", "with space", "%", "😀"})
    void acceptsPrintableNames(String name) {
        assertThat(LiteTopicNames.problemOf(name)).isNull();
    }

    @Test
    void acceptsExactlyAsManyBytesAsTheLimit() {
        assertThat(LiteTopicNames.problemOf("x".repeat(63))).isNull();
        assertThat(LiteTopicNames.problemOf("x".repeat(64)))
                .contains("bytes=64")
                .contains("limit=63");
        assertThat(LiteTopicNames.problemOf("用".repeat(21))).isNull();
        assertThat(LiteTopicNames.problemOf("用".repeat(22))).contains("bytes=66");
    }

    @Test
    void namesWhatIsWrong() {
        assertThat(LiteTopicNames.problemOf("")).contains("empty");
        assertThat(LiteTopicNames.problemOf("   ")).contains("blank");
        assertThat(LiteTopicNames.problemOf("a\nb"))
                .contains("control character")
                .contains("\\u000a")
                .contains("index=1");
        assertThat(LiteTopicNames.problemOf("a\u0085")).contains("\\u0085");
    }

    @Test
    void messageStaysShortAndFreeOfControlCharacters() {
        assertThat(LiteTopicNames.problemOf("\u0001".repeat(100_000)))
                .hasSizeLessThan(400)
                .doesNotContain("\u0001");
    }
}
