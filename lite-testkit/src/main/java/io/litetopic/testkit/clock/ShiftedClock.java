package io.litetopic.testkit.clock;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What patched classes call instead of {@link System#currentTimeMillis()}: the real time and an offset in milliseconds, which is in a
 * file of 8 bytes in native order. Thread-safe.
 */
public final class ShiftedClock {
    private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private static volatile ByteBuffer offset = ByteBuffer.allocateDirect(Long.BYTES);

    private ShiftedClock() {}

    /** Follows the offset in {@code file} from now on. */
    static void follow(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            offset = channel.map(FileChannel.MapMode.READ_ONLY, 0, Long.BYTES);
        }
    }

    /** The shifted time in milliseconds since 1970. */
    public static long currentTimeMillis() {
        return System.currentTimeMillis() + (long) LONG.getVolatile(offset, 0);
    }
}
