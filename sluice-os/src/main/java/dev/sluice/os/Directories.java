package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a directory that is open: fdopendir(3), readdir_r(3), closedir(3).
 *
 * <p>readdir(3) tells its end from an error by an errno that was 0 before the call, which no downcall can promise; the
 * retired readdir_r(3) returns the error.
 *
 * <pre>
 * struct dirent { ino_t d_ino; off_t d_off; unsigned short d_reclen; unsigned char d_type; char d_name[256]; };
 *                                                                                 // 280 bytes, Linux dirent.h
 * struct dirent { ino_t d_ino; __uint64_t d_seekoff; __uint16_t d_reclen, d_namlen; __uint8_t d_type;
 *     char d_name[1024]; };                                                       // 1048 bytes, macOS sys/dirent.h
 * struct dirent { ino_t d_fileno; off_t d_off; __uint16_t d_reclen; __uint8_t d_type, d_pad0; __uint16_t d_namlen,
 *     d_pad1; char d_name[256]; };                                                // 280 bytes, FreeBSD 12 sys/dirent.h
 * </pre>
 */
public final class Directories {
    /** What {@link #read} returns when there is an entry. */
    public static final int ENTRY = 1;

    static final StructLayout DIRENT_LINUX = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("d_ino"),
            ValueLayout.JAVA_LONG.withName("d_off"),
            ValueLayout.JAVA_SHORT.withName("d_reclen"),
            ValueLayout.JAVA_BYTE.withName("d_type"),
            MemoryLayout.sequenceLayout(256, ValueLayout.JAVA_BYTE).withName("d_name"),
            MemoryLayout.paddingLayout(5));

    static final StructLayout DIRENT_MACOS = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("d_ino"),
            ValueLayout.JAVA_LONG.withName("d_seekoff"),
            ValueLayout.JAVA_SHORT.withName("d_reclen"),
            ValueLayout.JAVA_SHORT.withName("d_namlen"),
            ValueLayout.JAVA_BYTE.withName("d_type"),
            MemoryLayout.sequenceLayout(1024, ValueLayout.JAVA_BYTE).withName("d_name"),
            MemoryLayout.paddingLayout(3));

    static final StructLayout DIRENT_FREEBSD = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("d_fileno"),
            ValueLayout.JAVA_LONG.withName("d_off"),
            ValueLayout.JAVA_SHORT.withName("d_reclen"),
            ValueLayout.JAVA_BYTE.withName("d_type"),
            ValueLayout.JAVA_BYTE.withName("d_pad0"),
            ValueLayout.JAVA_SHORT.withName("d_namlen"),
            ValueLayout.JAVA_SHORT.withName("d_pad1"),
            MemoryLayout.sequenceLayout(256, ValueLayout.JAVA_BYTE).withName("d_name"));

    private static final StructLayout DIRENT = switch (Platform.OS) {
        case LINUX, OTHER -> DIRENT_LINUX;
        case MACOS -> DIRENT_MACOS;
        case FREEBSD -> DIRENT_FREEBSD;
    };
    private static final long NAME = DIRENT.byteOffset(groupElement("d_name"));

    /** The memory that {@link #read} needs: one entry, and behind it the pointer that readdir_r sets. */
    public static final long ENTRY_BYTES = DIRENT.byteSize() + Long.BYTES;

    // Intel Macs keep the calls with 32-bit inode numbers under the plain names.
    private static final String INODE64 = Platform.isMacos() && Platform.ARCH == Platform.Arch.X86_64 ? "$INODE64" : "";

    private static final MemorySegment FDOPENDIR = Native.function("fdopendir" + INODE64);
    private static final MemorySegment READDIR_R = Native.function("readdir_r" + INODE64);
    private static final MemorySegment CLOSEDIR = Native.function("closedir");

    private Directories() {}

    /** A stream of the directory's entries, which from now on owns the descriptor; or -errno, and it doesn't. */
    public static long fdopendir(int fd, CallState state) {
        long stream = Native.longCall(FDOPENDIR, state, fd);
        // A missing symbol answers -1, the call itself NULL.
        return stream == 0 || stream == -1 ? -state.errno() : stream;
    }

    /**
     * Reads the next entry, {@code .} and {@code ..} among them, in the file system's own order.
     *
     * @param stream from {@link #fdopendir}; one thread at a time
     * @param entry the address of {@link #ENTRY_BYTES} bytes
     * @return {@link #ENTRY}, 0 at the end, or -errno
     */
    public static int read(long stream, long entry, CallState state) {
        long result = entry + DIRENT.byteSize();
        NativeMemory.putLong(result, 0);
        int error = Native.intCall(READDIR_R, state, stream, entry, result);
        return error < 0 ? -state.errno() : error > 0 ? -error : NativeMemory.getLong(result) == 0 ? 0 : ENTRY;
    }

    /** The name of the entry that was just read, or null where its bytes are no UTF-8 and so no string can name it. */
    public static @Nullable String name(long entry) {
        long from = entry + NAME;
        int length = 0;
        while (NativeMemory.getByte(from + length) != 0) {
            length++;
        }
        byte[] bytes = new byte[length];
        NativeMemory.copy(from, bytes, 0, length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException otherEncoding) {
            return null;
        }
    }

    /** Closes the stream and its descriptor. */
    public static int closedir(long stream, CallState state) {
        return state.result(Native.intCall(CLOSEDIR, state, stream));
    }
}
