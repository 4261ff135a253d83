package io.litetopic.lite.internal.rocketmq;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.litetopic.lite.LiteException;
import org.junit.jupiter.api.Test;

class ClientCompatibilityTest {

    @Test
    void acceptsTheClientOnTheClassPath() {
        assertThatCode(() -> ClientCompatibility.check(getClass().getClassLoader()))
                .doesNotThrowAnyException();
    }

    @Test
    void namesWhatIsMissingAndWhatIsSupported() {
        ClassLoader withoutClient = ClassLoader.getPlatformClassLoader();

        assertThatThrownBy(() -> ClientCompatibility.check(withoutClient))
                .isInstanceOf(LiteException.class)
                .hasMessageContaining("supported=5.1.0 or 5.2.0")
                .hasMessageContaining("ClientManager");
        assertThatThrownBy(() -> CallScope.open(withoutClient)).isInstanceOf(LiteException.class);
    }
}
