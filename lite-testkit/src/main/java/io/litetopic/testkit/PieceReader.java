package io.litetopic.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Cuts a stream into the pieces in which a {@link FaultLink} carries it. */
@FunctionalInterface
interface PieceReader {
    int MAX_PIECE_BYTES = 16 << 10;

    /** Whatever is there, unchanged. */
    PieceReader AS_IT_COMES = in -> {
        byte[] buffer = new byte[MAX_PIECE_BYTES];
        int length = in.read(buffer);
        return length < 0 ? new byte[0] : Arrays.copyOf(buffer, length);
    };

    /** The next piece, waiting for it; empty at the end of the stream. */
    byte[] next(InputStream in) throws IOException;
}
