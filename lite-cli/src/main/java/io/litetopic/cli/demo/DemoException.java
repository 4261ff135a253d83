package io.litetopic.cli.demo;

/** The demo cannot go on; the message says why and what to look at. */
public final class DemoException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DemoException(String message) {
        super(message);
    }
}
