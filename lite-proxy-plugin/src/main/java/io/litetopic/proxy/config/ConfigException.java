package io.litetopic.proxy.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The configuration file cannot be used. The message lists every error on a line of its own, each with file, line, column,
 * path of the key, value, what is legal, and what to do.
 */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ArrayList<String> errors;

    public ConfigException(List<String> errors, @Nullable Throwable cause) {
        super(String.join("\n", errors), cause);
        this.errors = new ArrayList<>(errors);
    }

    /** Every error in the order of the file, at least one. */
    public List<String> errors() {
        return Collections.unmodifiableList(errors);
    }
}
