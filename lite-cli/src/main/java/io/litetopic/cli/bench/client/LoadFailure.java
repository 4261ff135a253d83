package io.litetopic.cli.bench.client;

import org.jspecify.annotations.Nullable;

/** A run that does not count; the message says why. */
final class LoadFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    LoadFailure(String message) {
        super(message);
    }

    LoadFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
