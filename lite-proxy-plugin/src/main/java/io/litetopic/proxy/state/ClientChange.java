package io.litetopic.proxy.state;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How the subscriptions of one client have changed. Immutable value. */
public final class ClientChange {
    private final String clientId;
    private final boolean startsEmpty;
    private final List<String> added;
    private final List<String> removed;

    /**
     * @param startsEmpty what was known of the client before no longer counts; with nothing added: the client is gone
     * @param added lite topics that it subscribes to
     * @param removed lite topics that it does not subscribe to any more; none of {@code added}
     */
    public ClientChange(String clientId, boolean startsEmpty, List<String> added, List<String> removed) {
        this.clientId = clientId;
        this.startsEmpty = startsEmpty;
        this.added = Collections.unmodifiableList(new ArrayList<>(added));
        this.removed = Collections.unmodifiableList(new ArrayList<>(removed));
    }

    public String clientId() {
        return clientId;
    }

    public boolean startsEmpty() {
        return startsEmpty;
    }

    public List<String> added() {
        return added;
    }

    public List<String> removed() {
        return removed;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof ClientChange)) {
            return false;
        }
        ClientChange that = (ClientChange) other;
        return clientId.equals(that.clientId)
                && startsEmpty == that.startsEmpty
                && added.equals(that.added)
                && removed.equals(that.removed);
    }

    @Override
    public int hashCode() {
        return Objects.hash(clientId, startsEmpty, added, removed);
    }

    @Override
    public String toString() {
        return "ClientChange[" + clientId + (startsEmpty ? " starts empty" : "") + ", added=" + added + ", removed="
                + removed + ']';
    }
}
