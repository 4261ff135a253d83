package io.litetopic.proxy.journal;

/** The stream belongs to another owner now, or is closed: nothing more is written. */
public final class StreamLostException extends JournalException {
    private static final long serialVersionUID = 1;

    public StreamLostException(String message) {
        super(message, null, false);
    }
}
