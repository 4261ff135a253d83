package io.litetopic.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClientOwnersTest {
    private static final long LATER = TimeUnit.SECONDS.toNanos(ClientOwners.IDLE_SECONDS) + 1;

    private final ClientOwners owners = new ClientOwners(3);

    @Test
    void firstUserKeepsTheId() {
        owners.claim("c", "a", 0);

        assertThatThrownBy(() -> owners.claim("c", "b", 1))
                .isInstanceOf(AccessException.class)
                .hasMessage(
                        "the client id is in use by another user [clientId=c, user=b]; use a client id of your own, or"
                                + " wait until that client has ended");
        owners.claim("c", "a", 2);
        assertThat(owners.userOf("c")).isEqualTo("a");
    }

    @Test
    void idIsFreeWhenItsClientHasEnded() {
        owners.claim("c", "a", 0);
        owners.release("c", "b");
        assertThat(owners.userOf("c")).isEqualTo("a");

        owners.release("c", "a");

        owners.claim("c", "b", 1);
        assertThat(owners.userOf("c")).isEqualTo("b");
    }

    @Test
    void idIsFreeWhenItsClientHasBeenSilent() {
        owners.claim("c", "a", 0);
        owners.claim("c", "a", 10);
        assertThatThrownBy(() -> owners.claim("c", "b", LATER)).isInstanceOf(AccessException.class);

        owners.claim("c", "b", LATER + 10);

        assertThat(owners.userOf("c")).isEqualTo("b");
    }

    @Test
    void clientWithAStreamIsNotSilent() {
        owners.claim("c", "a", 0);
        owners.streamStarted("c", "a");
        owners.evictIdle(LATER);
        assertThatThrownBy(() -> owners.claim("c", "b", LATER)).isInstanceOf(AccessException.class);

        owners.streamEnded("c", "a", LATER);

        assertThatThrownBy(() -> owners.claim("c", "b", LATER + 1)).isInstanceOf(AccessException.class);
        owners.claim("c", "b", 2 * LATER);
        assertThat(owners.userOf("c")).isEqualTo("b");
    }

    @Test
    void newClientsAreRefusedRatherThanOldOnesForgotten() {
        owners.claim("1", "a", 0);
        owners.claim("2", "a", 0);
        owners.claim("3", "a", 0);

        assertThatThrownBy(() -> owners.claim("4", "b", 1)).hasMessageContainingAll("clients=3", "max=3");
        assertThatThrownBy(() -> owners.claim("1", "b", 1)).hasMessageContaining("another user");

        owners.evictIdle(LATER);
        assertThat(owners.size()).isZero();
        owners.claim("4", "b", LATER);
    }
}
