package io.litetopic.lite.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LiteTopicNameTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "user-1", "chatbot/{sessionID}", "with space", "ü", "\ud83d\ude00", "%RETRY%x"})
    void acceptsNames(String name) {
        assertThat(LiteTopicName.check(name)).isEqualTo(name);
    }

    @Test
    void acceptsUpTo63BytesOfUtf8() {
        assertThat(LiteTopicName.check("x".repeat(63))).hasSize(63);
        assertThat(LiteTopicName.check("ü".repeat(31))).hasSize(31);
    }

    @Test
    void refusesMoreThan63BytesWithValueLengthLimitAndRemedy() {
        assertThatThrownBy(() -> LiteTopicName.check("ü".repeat(32)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("too long")
                .hasMessageContaining("üü")
                .hasMessageContaining("bytes=64")
                .hasMessageContaining("1 to 63 bytes")
                .hasMessageContaining("shorten it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t", "\u2003"})
    void refusesEmptyAndBlankNames(String name) {
        assertThatThrownBy(() -> LiteTopicName.check(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lite topic name is");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000b", "a\nb", "a\u0001", "\u007f"})
    void refusesControlCharactersAndShowsThemEscaped(String name) {
        assertThatThrownBy(() -> LiteTopicName.check(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("control character")
                .hasMessageContaining("\\u00")
                .message()
                .doesNotContainPattern("\\p{Cntrl}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\ud83d", "\ude00a"})
    void refusesStringsThatAreNoUnicode(String name) {
        assertThatThrownBy(() -> LiteTopicName.check(name)).hasMessageContaining("surrogate");
    }

    @Test
    void refusesNull() {
        assertThatThrownBy(() -> LiteTopicName.check(null)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void showsOnlyTheStartOfAVeryLongName() {
        assertThatThrownBy(() -> LiteTopicName.check("x".repeat(100_000)))
                .message()
                .hasSizeLessThan(400)
                .contains("bytes=100000");
    }
}
