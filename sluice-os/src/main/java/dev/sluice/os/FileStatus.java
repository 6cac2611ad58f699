package dev.sluice.os;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * What {@link FileCalls#fstat} and {@link FileCalls#stat} tell of a file; made once and filled again and again. Not
 * thread-safe.
 *
 * <pre>
 * struct statx {                                                        // 256 bytes, linux/stat.h
 *     __u32 stx_mask, stx_blksize; __u64 stx_attributes; __u32 stx_nlink, stx_uid, stx_gid; __u16 stx_mode, __spare0;
 *     __u64 stx_ino, stx_size, stx_blocks, stx_attributes_mask;
 *     struct statx_timestamp stx_atime, stx_btime, stx_ctime, stx_mtime; __u32 stx_rdev_major, stx_rdev_minor, stx_dev_major,
 *     stx_dev_minor; __u64 stx_mnt_id; __u32 stx_dio_mem_align, stx_dio_offset_align; ...
 * };
 * struct statx_timestamp { __s64 tv_sec; __u32 tv_nsec; __s32 __reserved; };                          // 16 bytes
 * struct stat {                                                        // 144 bytes, macOS sys/stat.h
 *     dev_t st_dev; mode_t st_mode; nlink_t st_nlink; ino_t st_ino; uid_t st_uid; gid_t st_gid; dev_t st_rdev;
 *     struct timespec st_atimespec, st_mtimespec, st_ctimespec, st_birthtimespec; off_t st_size; ...
 * };
 * struct stat {                                                        // 224 bytes, FreeBSD 12 sys/stat.h
 *     dev_t st_dev; ino_t st_ino; nlink_t st_nlink; mode_t st_mode; int16_t st_padding0; uid_t st_uid; gid_t st_gid;
 *     int32_t st_padding1; dev_t st_rdev; struct timespec st_atim, st_mtim, st_ctim, st_birthtim; off_t st_size; ...
 * };
 * </pre>
 */
public final class FileStatus {
    static final StructLayout STATX = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("stx_mask"),
            ValueLayout.JAVA_INT.withName("stx_blksize"),
            ValueLayout.JAVA_LONG.withName("stx_attributes"),
            ValueLayout.JAVA_INT.withName("stx_nlink"),
            ValueLayout.JAVA_INT.withName("stx_uid"),
            ValueLayout.JAVA_INT.withName("stx_gid"),
            ValueLayout.JAVA_SHORT.withName("mode"),
            ValueLayout.JAVA_SHORT.withName("__spare0"),
            ValueLayout.JAVA_LONG.withName("ino"),
            ValueLayout.JAVA_LONG.withName("size"),
            ValueLayout.JAVA_LONG.withName("stx_blocks"),
            ValueLayout.JAVA_LONG.withName("stx_attributes_mask"),
            Timespec.LAYOUT.withName("stx_atime"),
            Timespec.LAYOUT.withName("stx_btime"),
            Timespec.LAYOUT.withName("stx_ctime"),
            Timespec.LAYOUT.withName("mtime"),
            MemoryLayout.paddingLayout(24).withName("stx_rdev_and_later"),
            ValueLayout.JAVA_INT.withName("stx_dio_mem_align"),
            ValueLayout.JAVA_INT.withName("stx_dio_offset_align"),
            MemoryLayout.paddingLayout(96).withName("stx_subvol_and_later"));

    static final StructLayout STAT_MACOS = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("st_dev"),
            ValueLayout.JAVA_SHORT.withName("mode"),
            ValueLayout.JAVA_SHORT.withName("st_nlink"),
            ValueLayout.JAVA_LONG.withName("ino"),
            ValueLayout.JAVA_INT.withName("st_uid"),
            ValueLayout.JAVA_INT.withName("st_gid"),
            ValueLayout.JAVA_INT.withName("st_rdev"),
            MemoryLayout.paddingLayout(4),
            Timespec.LAYOUT.withName("st_atimespec"),
            Timespec.LAYOUT.withName("mtime"),
            Timespec.LAYOUT.withName("st_ctimespec"),
            Timespec.LAYOUT.withName("st_birthtimespec"),
            ValueLayout.JAVA_LONG.withName("size"),
            MemoryLayout.paddingLayout(40).withName("st_blocks_and_later"));

    static final StructLayout STAT_FREEBSD = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("st_dev"),
            ValueLayout.JAVA_LONG.withName("ino"),
            ValueLayout.JAVA_LONG.withName("st_nlink"),
            ValueLayout.JAVA_SHORT.withName("mode"),
            ValueLayout.JAVA_SHORT.withName("st_padding0"),
            ValueLayout.JAVA_INT.withName("st_uid"),
            ValueLayout.JAVA_INT.withName("st_gid"),
            ValueLayout.JAVA_INT.withName("st_padding1"),
            ValueLayout.JAVA_LONG.withName("st_rdev"),
            Timespec.LAYOUT.withName("st_atim"),
            Timespec.LAYOUT.withName("mtime"),
            Timespec.LAYOUT.withName("st_ctim"),
            Timespec.LAYOUT.withName("st_birthtim"),
            ValueLayout.JAVA_LONG.withName("size"),
            MemoryLayout.paddingLayout(104).withName("st_blocks_and_later"));

    private static final StructLayout LAYOUT = switch (Platform.OS) {
        case LINUX, OTHER -> STATX;
        case MACOS -> STAT_MACOS;
        case FREEBSD -> STAT_FREEBSD;
    };
    private static final long MODE = LAYOUT.byteOffset(groupElement("mode"));
    private static final long INO = LAYOUT.byteOffset(groupElement("ino"));
    private static final long SIZE = LAYOUT.byteOffset(groupElement("size"));
    private static final long MTIME_SEC = LAYOUT.byteOffset(groupElement("mtime"), groupElement("tv_sec"));
    private static final long MTIME_NSEC = LAYOUT.byteOffset(groupElement("mtime"), groupElement("tv_nsec"));

    private static final long MASK = STATX.byteOffset(groupElement("stx_mask"));
    private static final long DIO_MEM_ALIGN = STATX.byteOffset(groupElement("stx_dio_mem_align"));
    private static final long DIO_OFFSET_ALIGN = STATX.byteOffset(groupElement("stx_dio_offset_align"));

    /** {@link #directAlignment} where the system doesn't tell. */
    public static final int UNKNOWN = -1;

    private static final int S_IFMT = 0xf000;
    private static final int S_IFBLK = 0x6000;
    private static final int S_IFDIR = 0x4000;
    private static final int S_IFREG = 0x8000;

    private final long address;

    /** A status that lives as long as the arena does. */
    public FileStatus(Arena arena) {
        this.address = arena.allocate(LAYOUT.byteSize(), Long.BYTES).address();
    }

    /** The file's size in bytes. */
    public long size() {
        return NativeMemory.getLong(address + SIZE);
    }

    /** The file's type and permissions, {@code st_mode}. */
    public int mode() {
        return Short.toUnsignedInt(NativeMemory.getShort(address + MODE));
    }

    public long inode() {
        return NativeMemory.getLong(address + INO);
    }

    /** When the content was last modified, in seconds since 1970. */
    public long modifiedSeconds() {
        return NativeMemory.getLong(address + MTIME_SEC);
    }

    /** The nanoseconds to add to {@link #modifiedSeconds}, 0 to 999,999,999. */
    public int modifiedNanos() {
        return NativeMemory.getInt(address + MTIME_NSEC);
    }

    public boolean isDirectory() {
        return (mode() & S_IFMT) == S_IFDIR;
    }

    public boolean isRegularFile() {
        return (mode() & S_IFMT) == S_IFREG;
    }

    public boolean isBlockDevice() {
        return (mode() & S_IFMT) == S_IFBLK;
    }

    /**
     * What positions, lengths and addresses of direct I/O on this file must be multiples of, in bytes; 0 where it has none, and
     * {@link #UNKNOWN} where the file system doesn't say, as before Linux 6.1. Of {@link FileCalls#fstatDirect} only.
     */
    public int directAlignment() {
        if (!Platform.isLinux() || (NativeMemory.getInt(address + MASK) & FileCalls.STATX_DIOALIGN) == 0) {
            return UNKNOWN;
        }
        return Math.max(NativeMemory.getInt(address + DIO_MEM_ALIGN), NativeMemory.getInt(address + DIO_OFFSET_ALIGN));
    }

    long address() {
        return address;
    }
}
