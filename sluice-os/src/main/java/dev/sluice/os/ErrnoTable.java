package dev.sluice.os;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The error numbers of each system with their meanings, after {@code asm-generic/errno-base.h} and
 * {@code asm-generic/errno.h} (Linux on x86-64 and aarch64) and {@code sys/errno.h} (macOS, FreeBSD).
 */
final class ErrnoTable {
    /** Columns: name, number on Linux, macOS and FreeBSD ("-" where it doesn't exist), meaning. */
    private static final String ROWS = """
            EPERM             1   1   1 operation not permitted
            ENOENT            2   2   2 no such file or directory
            ESRCH             3   3   3 no such process
            EINTR             4   4   4 interrupted system call
            EIO               5   5   5 input/output error
            ENXIO             6   6   6 no such device or address
            E2BIG             7   7   7 argument list too long
            ENOEXEC           8   8   8 exec format error
            EBADF             9   9   9 bad file descriptor
            ECHILD           10  10  10 no child processes
            EAGAIN           11  35  35 resource temporarily unavailable
            ENOMEM           12  12  12 out of memory
            EACCES           13  13  13 permission denied
            EFAULT           14  14  14 bad address
            ENOTBLK          15  15  15 block device required
            EBUSY            16  16  16 device or resource busy
            EEXIST           17  17  17 file exists
            EXDEV            18  18  18 cross-device link
            ENODEV           19  19  19 no such device
            ENOTDIR          20  20  20 not a directory
            EISDIR           21  21  21 is a directory
            EINVAL           22  22  22 invalid argument
            ENFILE           23  23  23 too many open files in the system
            EMFILE           24  24  24 too many open files in this process
            ENOTTY           25  25  25 inappropriate ioctl for device
            ETXTBSY          26  26  26 text file busy
            EFBIG            27  27  27 file too large
            ENOSPC           28  28  28 no space left on device
            ESPIPE           29  29  29 illegal seek
            EROFS            30  30  30 read-only file system
            EMLINK           31  31  31 too many links
            EPIPE            32  32  32 broken pipe
            EDOM             33  33  33 math argument out of domain of func
            ERANGE           34  34  34 math result not representable
            EDEADLK          35  11  11 resource deadlock would occur
            ENAMETOOLONG     36  63  63 file name too long
            ENOLCK           37  77  77 no record locks available
            ENOSYS           38  78  78 function not implemented
            ENOTEMPTY        39  66  66 directory not empty
            ELOOP            40  62  62 too many symbolic links encountered
            ENOMSG           42  91  83 no message of desired type
            EIDRM            43  90  82 identifier removed
            ECHRNG           44   -   - channel number out of range
            EL2NSYNC         45   -   - level 2 not synchronized
            EL3HLT           46   -   - level 3 halted
            EL3RST           47   -   - level 3 reset
            ELNRNG           48   -   - link number out of range
            EUNATCH          49   -   - protocol driver not attached
            ENOCSI           50   -   - no CSI structure available
            EL2HLT           51   -   - level 2 halted
            EBADE            52   -   - invalid exchange
            EBADR            53   -   - invalid request descriptor
            EXFULL           54   -   - exchange full
            ENOANO           55   -   - no anode
            EBADRQC          56   -   - invalid request code
            EBADSLT          57   -   - invalid slot
            EBFONT           59   -   - bad font file format
            ENOSTR           60  99   - device not a stream
            ENODATA          61  96   - no data available
            ETIME            62 101   - timer expired
            ENOSR            63  98   - out of streams resources
            ENONET           64   -   - machine is not on the network
            ENOPKG           65   -   - package not installed
            EREMOTE          66  71  71 object is remote
            ENOLINK          67  97  91 link has been severed
            EADV             68   -   - advertise error
            ESRMNT           69   -   - srmount error
            ECOMM            70   -   - communication error on send
            EPROTO           71 100  92 protocol error
            EMULTIHOP        72  95  90 multihop attempted
            EDOTDOT          73   -   - RFS specific error
            EBADMSG          74  94  89 not a data message
            EOVERFLOW        75  84  84 value too large for defined data type
            ENOTUNIQ         76   -   - name not unique on network
            EBADFD           77   -   - file descriptor in bad state
            EREMCHG          78   -   - remote address changed
            ELIBACC          79   -   - can not access a needed shared library
            ELIBBAD          80   -   - accessing a corrupted shared library
            ELIBSCN          81   -   - .lib section in a.out corrupted
            ELIBMAX          82   -   - attempting to link in too many shared libraries
            ELIBEXEC         83   -   - cannot exec a shared library directly
            EILSEQ           84  92  86 illegal byte sequence
            ERESTART         85   -   - interrupted system call should be restarted
            ESTRPIPE         86   -   - streams pipe error
            EUSERS           87  68  68 too many users
            ENOTSOCK         88  38  38 socket operation on non-socket
            EDESTADDRREQ     89  39  39 destination address required
            EMSGSIZE         90  40  40 message too long
            EPROTOTYPE       91  41  41 protocol wrong type for socket
            ENOPROTOOPT      92  42  42 protocol not available
            EPROTONOSUPPORT  93  43  43 protocol not supported
            ESOCKTNOSUPPORT  94  44  44 socket type not supported
            EOPNOTSUPP       95 102  45 operation not supported
            EPFNOSUPPORT     96  46  46 protocol family not supported
            EAFNOSUPPORT     97  47  47 address family not supported
            EADDRINUSE       98  48  48 address already in use
            EADDRNOTAVAIL    99  49  49 cannot assign requested address
            ENETDOWN        100  50  50 network is down
            ENETUNREACH     101  51  51 network is unreachable
            ENETRESET       102  52  52 network dropped connection because of reset
            ECONNABORTED    103  53  53 software caused connection abort
            ECONNRESET      104  54  54 connection reset by peer
            ENOBUFS         105  55  55 no buffer space available
            EISCONN         106  56  56 transport endpoint is already connected
            ENOTCONN        107  57  57 transport endpoint is not connected
            ESHUTDOWN       108  58  58 cannot send after transport endpoint shutdown
            ETOOMANYREFS    109  59  59 too many references: cannot splice
            ETIMEDOUT       110  60  60 connection timed out
            ECONNREFUSED    111  61  61 connection refused
            EHOSTDOWN       112  64  64 host is down
            EHOSTUNREACH    113  65  65 no route to host
            EALREADY        114  37  37 operation already in progress
            EINPROGRESS     115  36  36 operation now in progress
            ESTALE          116  70  70 stale file handle
            EUCLEAN         117   -   - structure needs cleaning
            ENOTNAM         118   -   - not a XENIX named type file
            ENAVAIL         119   -   - no XENIX semaphores available
            EISNAM          120   -   - is a named type file
            EREMOTEIO       121   -   - remote I/O error
            EDQUOT          122  69  69 quota exceeded
            ENOMEDIUM       123   -   - no medium found
            EMEDIUMTYPE     124   -   - wrong medium type
            ECANCELED       125  89  85 operation canceled
            ENOKEY          126   -   - required key not available
            EKEYEXPIRED     127   -   - key has expired
            EKEYREVOKED     128   -   - key has been revoked
            EKEYREJECTED    129   -   - key was rejected by service
            EOWNERDEAD      130 105  96 owner died
            ENOTRECOVERABLE 131 104  95 state not recoverable
            ERFKILL         132   -   - operation not possible due to RF-kill
            EHWPOISON       133   -   - memory page has hardware error
            EPROCLIM          -  67  67 too many processes
            EBADRPC           -  72  72 RPC structure is bad
            ERPCMISMATCH      -  73  73 RPC version wrong
            EPROGUNAVAIL      -  74  74 RPC program not available
            EPROGMISMATCH     -  75  75 RPC program version wrong
            EPROCUNAVAIL      -  76  76 bad procedure for RPC program
            EFTYPE            -  79  79 inappropriate file type or format
            EAUTH             -  80  80 authentication error
            ENEEDAUTH         -  81  81 need authenticator
            EPWROFF           -  82   - device power is off
            EDEVERR           -  83   - device error
            EBADEXEC          -  85   - bad executable
            EBADARCH          -  86   - bad processor type in executable
            ESHLIBVERS        -  87   - shared library version mismatch
            EBADMACHO         -  88   - malformed Mach-O file
            ENOATTR           -  93  87 attribute not found
            ENOPOLICY         - 103   - policy not found
            EQFULL            - 106   - interface output queue is full
            ENOTSUP           -  45   - operation not supported
            EDOOFUS           -   -  88 programming error
            ENOTCAPABLE       -   -  93 capabilities insufficient
            ECAPMODE          -   -  94 not permitted in capability mode
            EINTEGRITY        -   -  97 integrity check failed
            """;

    /** What a number that the running system doesn't have is given: no call answers it. */
    private static final int ABSENT = -1;

    private static final Map<String, Integer> NUMBERS = new HashMap<>();
    private static final Map<Integer, String> NAMES = new HashMap<>();
    private static final Map<Integer, String> MEANINGS = new HashMap<>();

    static {
        int column = Platform.pick(1, 2, 3);
        Pattern spaces = Pattern.compile(" +");
        ROWS.lines().map(row -> spaces.split(row, 5)).forEach(row -> {
            if (!row[column].equals("-")) {
                int number = Integer.parseInt(row[column]);
                NUMBERS.put(row[0], number);
                NAMES.put(number, row[0]);
                MEANINGS.put(number, row[4]);
            }
        });
    }

    private ErrnoTable() {}

    static int number(String name) {
        return NUMBERS.getOrDefault(name, ABSENT);
    }

    static @Nullable String name(int number) {
        return NAMES.get(number);
    }

    static @Nullable String meaning(int number) {
        return MEANINGS.get(number);
    }
}
