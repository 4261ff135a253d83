package io.litetopic.testkit;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Changes the brokers' addresses in what a name server answers, so that a proxy finds its own links in the routes. A frame of the
 * remoting protocol is its length (4 bytes, big endian) and as many bytes. Addresses have a port of five digits, so a changed frame
 * is as long as before.
 */
final class RouteRewriter implements PieceReader {
    private static final int MAX_FRAME_BYTES = 16 << 20; // of stock

    private final Map<Integer, Integer> linkOfBroker;

    /** @param linkOfBroker port of the link by the port of the broker */
    RouteRewriter(Map<Integer, Integer> linkOfBroker) {
        this.linkOfBroker = Map.copyOf(linkOfBroker);
    }

    @Override
    public byte[] next(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        int length;
        try {
            length = data.readInt();
        } catch (EOFException expected) { // the connection ends between two frames
            return new byte[0];
        }
        if (length < 0 || length > MAX_FRAME_BYTES) {
            throw new IOException("not a frame of the remoting protocol [bytes=" + length + ", max=" + MAX_FRAME_BYTES
                    + "]; is this link in front of a name server?");
        }
        byte[] frame = new byte[length];
        data.readFully(frame);
        ByteArrayOutputStream piece = new ByteArrayOutputStream(Integer.BYTES + length);
        DataOutputStream out = new DataOutputStream(piece);
        out.writeInt(length);
        out.write(rewritten(frame));
        return piece.toByteArray();
    }

    private byte[] rewritten(byte[] frame) {
        // one char per byte, both ways
        String text = new String(frame, StandardCharsets.ISO_8859_1);
        for (Map.Entry<Integer, Integer> entry : linkOfBroker.entrySet()) {
            text = text.replace(address(entry.getKey()), address(entry.getValue()));
        }
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String address(int port) {
        return '"' + Loopback.hostAndPort(port) + '"';
    }
}
