package io.litetopic.proxy.journal;

/** The bytes of a record are not what was written. */
final class DamagedRecordException extends Exception {
    private static final long serialVersionUID = 1;

    private final int bytePosition;

    /** @param bytePosition in the record, 0 is its first byte */
    DamagedRecordException(int bytePosition, String problem) {
        super(problem);
        this.bytePosition = bytePosition;
    }

    int bytePosition() {
        return bytePosition;
    }
}
