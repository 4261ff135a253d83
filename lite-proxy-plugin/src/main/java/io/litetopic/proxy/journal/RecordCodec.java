package io.litetopic.proxy.journal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Bytes of a record. Numbers of the header are big-endian.
 *
 * <pre>
 * offset  size  field         unit
 *      0     4  magic         "LTJR"
 *      4     1  version       format version: 1
 *      5     1  type          see {@link RecordType}; 128 and above may be skipped by who does not know it
 *      6     1  flags         1: the body is deflated (RFC 1950)
 *      7     1  reserved      0
 *      8     8  epoch         queue offset; -1 in ACQUIRED
 *     16     8  recover from  queue offset
 *     24     8  writer        random number
 *     32     8  sequence      records of the epoch before this one
 *     40     4  body length   bytes, as stored
 *     44     4  CRC-32        of bytes 0 to 43 and of the body (the polynomial of ISO 3309)
 *     48        body          entries, see {@link BodyCodec}
 * </pre>
 */
final class RecordCodec {
    static final int VERSION = 1;
    static final int HEADER_BYTES = 48;

    private static final int MAGIC = 0x4C544A52;
    private static final int BODY_LENGTH_POSITION = 40;
    private static final int CRC_POSITION = 44;
    private static final int DEFLATED = 1;
    private static final int MIN_DEFLATED_BYTES = 128;
    /** No release writes that much into a record. */
    private static final int MAX_INFLATED_BYTES = 64 << 20;

    private RecordCodec() {}

    /** @param body not deflated */
    static byte[] encode(RecordType type, long epoch, long recoverFrom, long writer, long sequence, byte[] body) {
        byte[] deflated = body.length < MIN_DEFLATED_BYTES ? body : deflate(body);
        boolean smaller = deflated.length < body.length;
        byte[] stored = smaller ? deflated : body;
        ByteBuffer record = ByteBuffer.allocate(HEADER_BYTES + stored.length);
        record.putInt(MAGIC);
        record.put((byte) VERSION);
        record.put((byte) type.code());
        record.put((byte) (smaller ? DEFLATED : 0));
        record.put((byte) 0);
        record.putLong(epoch);
        record.putLong(recoverFrom);
        record.putLong(writer);
        record.putLong(sequence);
        record.putInt(stored.length);
        record.putInt(0);
        record.put(stored);
        record.putInt(CRC_POSITION, checksum(record.array()));
        return record.array();
    }

    static JournalRecord decode(byte[] bytes) throws DamagedRecordException, LaterFormatException {
        if (bytes.length < HEADER_BYTES) {
            throw new DamagedRecordException(
                    bytes.length, "it has " + bytes.length + " bytes, its header alone needs " + HEADER_BYTES);
        }
        ByteBuffer record = ByteBuffer.wrap(bytes);
        if (record.getInt(0) != MAGIC) {
            throw new DamagedRecordException(
                    0, "it begins with " + hex(record.getInt(0)) + ", a record of the journal with " + hex(MAGIC));
        }
        int bodyLength = record.getInt(BODY_LENGTH_POSITION);
        if (bodyLength != bytes.length - HEADER_BYTES) {
            throw new DamagedRecordException(
                    BODY_LENGTH_POSITION,
                    "it announces a body of " + bodyLength + " bytes and has " + (bytes.length - HEADER_BYTES));
        }
        int expected = record.getInt(CRC_POSITION);
        int actual = checksum(bytes);
        if (expected != actual) {
            throw new DamagedRecordException(
                    CRC_POSITION, "expected checksum " + hex(expected) + ", actual checksum " + hex(actual));
        }
        return decodeIntact(bytes);
    }

    private static JournalRecord decodeIntact(byte[] bytes) throws DamagedRecordException, LaterFormatException {
        ByteBuffer record = ByteBuffer.wrap(bytes);
        int version = record.get(4) & 0xFF;
        if (version > VERSION) {
            throw new LaterFormatException("format version " + version + ", and this release reads up to " + VERSION);
        }
        int typeCode = record.get(5) & 0xFF;
        RecordType type = RecordType.of(typeCode);
        if (type == null) {
            throw new LaterFormatException("record type " + typeCode + " that this release does not know");
        }
        int flags = record.get(6) & 0xFF;
        if ((flags & ~DEFLATED) != 0) {
            throw new LaterFormatException(
                    "flags 0x" + Integer.toHexString(flags) + " that this release does not know");
        }
        byte[] stored = Arrays.copyOfRange(bytes, HEADER_BYTES, bytes.length);
        return new JournalRecord(
                type,
                record.getLong(8),
                record.getLong(16),
                record.getLong(24),
                record.getLong(32),
                decodeBody(type, (flags & DEFLATED) != 0, stored));
    }

    private static JournalRecord.Body decodeBody(RecordType type, boolean deflated, byte[] stored)
            throws DamagedRecordException, LaterFormatException {
        if (type == RecordType.SKIPPABLE) {
            return BodyCodec.read(new byte[0]);
        }
        byte[] body = deflated ? inflate(stored) : stored;
        try {
            return BodyCodec.read(body);
        } catch (DamagedRecordException e) {
            DamagedRecordException located = new DamagedRecordException(
                    HEADER_BYTES + (deflated ? 0 : e.bytePosition()),
                    e.getMessage() + (deflated ? " (byte " + e.bytePosition() + " of the inflated body)" : ""));
            located.initCause(e);
            throw located;
        }
    }

    private static int checksum(byte[] record) {
        CRC32 crc = new CRC32();
        crc.update(record, 0, CRC_POSITION);
        crc.update(record, HEADER_BYTES, record.length - HEADER_BYTES);
        return (int) crc.getValue();
    }

    /** @return not shorter than {@code body} if deflating does not help */
    private static byte[] deflate(byte[] body) {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try {
            deflater.setInput(body);
            deflater.finish();
            byte[] result = new byte[body.length];
            int length = deflater.deflate(result);
            return deflater.finished() ? Arrays.copyOf(result, length) : body;
        } finally {
            deflater.end();
        }
    }

    private static byte[] inflate(byte[] stored) throws DamagedRecordException {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(stored);
            byte[] result = new byte[Math.max(1024, stored.length * 4)];
            int length = 0;
            while (true) {
                length += inflater.inflate(result, length, result.length - length);
                if (inflater.finished()) {
                    return Arrays.copyOf(result, length);
                }
                if (inflater.needsInput() || inflater.needsDictionary()) {
                    throw new DamagedRecordException(HEADER_BYTES, "its deflated body ends early");
                }
                if (length == result.length) {
                    if (length >= MAX_INFLATED_BYTES) {
                        throw new DamagedRecordException(
                                HEADER_BYTES, "its body inflates to more than " + MAX_INFLATED_BYTES + " bytes");
                    }
                    result = Arrays.copyOf(result, Math.min(MAX_INFLATED_BYTES, length * 2));
                }
            }
        } catch (DataFormatException e) {
            DamagedRecordException damaged = new DamagedRecordException(
                    HEADER_BYTES, "its deflated body is no deflate stream: " + e.getMessage());
            damaged.initCause(e);
            throw damaged;
        } finally {
            inflater.end();
        }
    }

    private static String hex(int value) {
        return String.format("0x%08x", value);
    }
}
