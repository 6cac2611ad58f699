package dev.sluice.os;

/**
 * The error numbers of errno(3), with the values of the running system: {@code EAGAIN} is 11 on Linux and 35 on macOS
 * and FreeBSD. One that the running system doesn't have is -1, which no call answers. Results carry them negated.
 */
public final class Errno {
    public static final int EPERM = ErrnoTable.number("EPERM");
    public static final int ENOENT = ErrnoTable.number("ENOENT");
    public static final int ESRCH = ErrnoTable.number("ESRCH");
    public static final int EINTR = ErrnoTable.number("EINTR");
    public static final int EIO = ErrnoTable.number("EIO");
    public static final int ENXIO = ErrnoTable.number("ENXIO");
    public static final int E2BIG = ErrnoTable.number("E2BIG");
    public static final int ENOEXEC = ErrnoTable.number("ENOEXEC");
    public static final int EBADF = ErrnoTable.number("EBADF");
    public static final int ECHILD = ErrnoTable.number("ECHILD");
    public static final int EAGAIN = ErrnoTable.number("EAGAIN");
    public static final int ENOMEM = ErrnoTable.number("ENOMEM");
    public static final int EACCES = ErrnoTable.number("EACCES");
    public static final int EFAULT = ErrnoTable.number("EFAULT");
    public static final int ENOTBLK = ErrnoTable.number("ENOTBLK");
    public static final int EBUSY = ErrnoTable.number("EBUSY");
    public static final int EEXIST = ErrnoTable.number("EEXIST");
    public static final int EXDEV = ErrnoTable.number("EXDEV");
    public static final int ENODEV = ErrnoTable.number("ENODEV");
    public static final int ENOTDIR = ErrnoTable.number("ENOTDIR");
    public static final int EISDIR = ErrnoTable.number("EISDIR");
    public static final int EINVAL = ErrnoTable.number("EINVAL");
    public static final int ENFILE = ErrnoTable.number("ENFILE");
    public static final int EMFILE = ErrnoTable.number("EMFILE");
    public static final int ENOTTY = ErrnoTable.number("ENOTTY");
    public static final int ETXTBSY = ErrnoTable.number("ETXTBSY");
    public static final int EFBIG = ErrnoTable.number("EFBIG");
    public static final int ENOSPC = ErrnoTable.number("ENOSPC");
    public static final int ESPIPE = ErrnoTable.number("ESPIPE");
    public static final int EROFS = ErrnoTable.number("EROFS");
    public static final int EMLINK = ErrnoTable.number("EMLINK");
    public static final int EPIPE = ErrnoTable.number("EPIPE");
    public static final int EDOM = ErrnoTable.number("EDOM");
    public static final int ERANGE = ErrnoTable.number("ERANGE");
    public static final int EDEADLK = ErrnoTable.number("EDEADLK");
    public static final int ENAMETOOLONG = ErrnoTable.number("ENAMETOOLONG");
    public static final int ENOLCK = ErrnoTable.number("ENOLCK");
    public static final int ENOSYS = ErrnoTable.number("ENOSYS");
    public static final int ENOTEMPTY = ErrnoTable.number("ENOTEMPTY");
    public static final int ELOOP = ErrnoTable.number("ELOOP");
    public static final int ENOMSG = ErrnoTable.number("ENOMSG");
    public static final int EIDRM = ErrnoTable.number("EIDRM");
    public static final int ECHRNG = ErrnoTable.number("ECHRNG");
    public static final int EL2NSYNC = ErrnoTable.number("EL2NSYNC");
    public static final int EL3HLT = ErrnoTable.number("EL3HLT");
    public static final int EL3RST = ErrnoTable.number("EL3RST");
    public static final int ELNRNG = ErrnoTable.number("ELNRNG");
    public static final int EUNATCH = ErrnoTable.number("EUNATCH");
    public static final int ENOCSI = ErrnoTable.number("ENOCSI");
    public static final int EL2HLT = ErrnoTable.number("EL2HLT");
    public static final int EBADE = ErrnoTable.number("EBADE");
    public static final int EBADR = ErrnoTable.number("EBADR");
    public static final int EXFULL = ErrnoTable.number("EXFULL");
    public static final int ENOANO = ErrnoTable.number("ENOANO");
    public static final int EBADRQC = ErrnoTable.number("EBADRQC");
    public static final int EBADSLT = ErrnoTable.number("EBADSLT");
    public static final int EBFONT = ErrnoTable.number("EBFONT");
    public static final int ENOSTR = ErrnoTable.number("ENOSTR");
    public static final int ENODATA = ErrnoTable.number("ENODATA");
    public static final int ETIME = ErrnoTable.number("ETIME");
    public static final int ENOSR = ErrnoTable.number("ENOSR");
    public static final int ENONET = ErrnoTable.number("ENONET");
    public static final int ENOPKG = ErrnoTable.number("ENOPKG");
    public static final int EREMOTE = ErrnoTable.number("EREMOTE");
    public static final int ENOLINK = ErrnoTable.number("ENOLINK");
    public static final int EADV = ErrnoTable.number("EADV");
    public static final int ESRMNT = ErrnoTable.number("ESRMNT");
    public static final int ECOMM = ErrnoTable.number("ECOMM");
    public static final int EPROTO = ErrnoTable.number("EPROTO");
    public static final int EMULTIHOP = ErrnoTable.number("EMULTIHOP");
    public static final int EDOTDOT = ErrnoTable.number("EDOTDOT");
    public static final int EBADMSG = ErrnoTable.number("EBADMSG");
    public static final int EOVERFLOW = ErrnoTable.number("EOVERFLOW");
    public static final int ENOTUNIQ = ErrnoTable.number("ENOTUNIQ");
    public static final int EBADFD = ErrnoTable.number("EBADFD");
    public static final int EREMCHG = ErrnoTable.number("EREMCHG");
    public static final int ELIBACC = ErrnoTable.number("ELIBACC");
    public static final int ELIBBAD = ErrnoTable.number("ELIBBAD");
    public static final int ELIBSCN = ErrnoTable.number("ELIBSCN");
    public static final int ELIBMAX = ErrnoTable.number("ELIBMAX");
    public static final int ELIBEXEC = ErrnoTable.number("ELIBEXEC");
    public static final int EILSEQ = ErrnoTable.number("EILSEQ");
    public static final int ERESTART = ErrnoTable.number("ERESTART");
    public static final int ESTRPIPE = ErrnoTable.number("ESTRPIPE");
    public static final int EUSERS = ErrnoTable.number("EUSERS");
    public static final int ENOTSOCK = ErrnoTable.number("ENOTSOCK");
    public static final int EDESTADDRREQ = ErrnoTable.number("EDESTADDRREQ");
    public static final int EMSGSIZE = ErrnoTable.number("EMSGSIZE");
    public static final int EPROTOTYPE = ErrnoTable.number("EPROTOTYPE");
    public static final int ENOPROTOOPT = ErrnoTable.number("ENOPROTOOPT");
    public static final int EPROTONOSUPPORT = ErrnoTable.number("EPROTONOSUPPORT");
    public static final int ESOCKTNOSUPPORT = ErrnoTable.number("ESOCKTNOSUPPORT");
    public static final int EOPNOTSUPP = ErrnoTable.number("EOPNOTSUPP");
    public static final int EPFNOSUPPORT = ErrnoTable.number("EPFNOSUPPORT");
    public static final int EAFNOSUPPORT = ErrnoTable.number("EAFNOSUPPORT");
    public static final int EADDRINUSE = ErrnoTable.number("EADDRINUSE");
    public static final int EADDRNOTAVAIL = ErrnoTable.number("EADDRNOTAVAIL");
    public static final int ENETDOWN = ErrnoTable.number("ENETDOWN");
    public static final int ENETUNREACH = ErrnoTable.number("ENETUNREACH");
    public static final int ENETRESET = ErrnoTable.number("ENETRESET");
    public static final int ECONNABORTED = ErrnoTable.number("ECONNABORTED");
    public static final int ECONNRESET = ErrnoTable.number("ECONNRESET");
    public static final int ENOBUFS = ErrnoTable.number("ENOBUFS");
    public static final int EISCONN = ErrnoTable.number("EISCONN");
    public static final int ENOTCONN = ErrnoTable.number("ENOTCONN");
    public static final int ESHUTDOWN = ErrnoTable.number("ESHUTDOWN");
    public static final int ETOOMANYREFS = ErrnoTable.number("ETOOMANYREFS");
    public static final int ETIMEDOUT = ErrnoTable.number("ETIMEDOUT");
    public static final int ECONNREFUSED = ErrnoTable.number("ECONNREFUSED");
    public static final int EHOSTDOWN = ErrnoTable.number("EHOSTDOWN");
    public static final int EHOSTUNREACH = ErrnoTable.number("EHOSTUNREACH");
    public static final int EALREADY = ErrnoTable.number("EALREADY");
    public static final int EINPROGRESS = ErrnoTable.number("EINPROGRESS");
    public static final int ESTALE = ErrnoTable.number("ESTALE");
    public static final int EUCLEAN = ErrnoTable.number("EUCLEAN");
    public static final int ENOTNAM = ErrnoTable.number("ENOTNAM");
    public static final int ENAVAIL = ErrnoTable.number("ENAVAIL");
    public static final int EISNAM = ErrnoTable.number("EISNAM");
    public static final int EREMOTEIO = ErrnoTable.number("EREMOTEIO");
    public static final int EDQUOT = ErrnoTable.number("EDQUOT");
    public static final int ENOMEDIUM = ErrnoTable.number("ENOMEDIUM");
    public static final int EMEDIUMTYPE = ErrnoTable.number("EMEDIUMTYPE");
    public static final int ECANCELED = ErrnoTable.number("ECANCELED");
    public static final int ENOKEY = ErrnoTable.number("ENOKEY");
    public static final int EKEYEXPIRED = ErrnoTable.number("EKEYEXPIRED");
    public static final int EKEYREVOKED = ErrnoTable.number("EKEYREVOKED");
    public static final int EKEYREJECTED = ErrnoTable.number("EKEYREJECTED");
    public static final int EOWNERDEAD = ErrnoTable.number("EOWNERDEAD");
    public static final int ENOTRECOVERABLE = ErrnoTable.number("ENOTRECOVERABLE");
    public static final int ERFKILL = ErrnoTable.number("ERFKILL");
    public static final int EHWPOISON = ErrnoTable.number("EHWPOISON");
    /** The same number as {@link #EAGAIN} on every system that this module knows. */
    public static final int EWOULDBLOCK = EAGAIN;

    private Errno() {}

    /**
     * The name of a positive error number, such as {@code EADDRINUSE}, or {@code errno 4095} for one without a name.
     */
    public static String name(int errno) {
        String name = ErrnoTable.name(errno);
        return name == null ? "errno " + errno : name;
    }

    /** What a positive error number means, such as {@code address already in use}. */
    public static String meaning(int errno) {
        String meaning = ErrnoTable.meaning(errno);
        return meaning == null ? "unknown error" : meaning;
    }

    /** The name, the number and the meaning, as in {@code EADDRINUSE (98), address already in use}. */
    public static String describe(int errno) {
        String name = ErrnoTable.name(errno);
        return name == null ? name(errno) + ", unknown error" : name + " (" + errno + "), " + meaning(errno);
    }
}
