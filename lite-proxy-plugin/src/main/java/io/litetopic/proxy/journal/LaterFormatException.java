package io.litetopic.proxy.journal;

/** An intact record that only a later release understands; the message says what it has that this one does not know. */
final class LaterFormatException extends Exception {
    private static final long serialVersionUID = 1;

    LaterFormatException(String message) {
        super(message);
    }
}
