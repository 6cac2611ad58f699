package dev.sluice.os;

import org.jspecify.annotations.Nullable;

/**
 * A system call of a set-up path that failed, as in {@code bind(fd=7, 0.0.0.0:80): EADDRINUSE (98), address already in
 * use; another socket is bound there: ...}.
 *
 * <p>Data paths never throw it: there {@code -errno} is a value.
 */
public final class SysException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final String subject;
    private final int errno;

    /**
     * @param call the call's name as the man page spells it
     * @param subject what it was called on, as a person would say it; may be empty
     * @param errno the positive number
     */
    public SysException(String call, String subject, int errno) {
        this(call, subject, errno, cure(call, errno));
    }

    /**
     * As the other, where more is known than the number says.
     *
     * @param cure what it means here, and what to do about it; null for nothing
     */
    public SysException(String call, String subject, int errno, @Nullable String cure) {
        super(message(call, subject, errno, cure));
        this.call = call;
        this.subject = subject;
        this.errno = errno;
    }

    /** The result if it is no error, else an exception that says what failed; the subject is rendered only then. */
    public static int check(int result, String call, Object subject) {
        if (result < 0) {
            throw new SysException(call, subject.toString(), -result);
        }
        return result;
    }

    /** The result if it is no error, else an exception that says what failed; the subject is rendered only then. */
    public static long check(long result, String call, Object subject) {
        if (result < 0) {
            throw new SysException(call, subject.toString(), (int) -result);
        }
        return result;
    }

    public String call() {
        return call;
    }

    public String subject() {
        return subject;
    }

    /** The positive errno. */
    public int errno() {
        return errno;
    }

    /** The errno's name, such as {@code EADDRINUSE}. */
    public String errnoName() {
        return Errno.name(errno);
    }

    private static String message(String call, String subject, int errno, @Nullable String cure) {
        String text = call + "(" + subject + "): " + Errno.describe(errno);
        return cure == null ? text : text + "; " + cure;
    }

    private static @Nullable String cure(String call, int errno) {
        return switch (Errno.name(errno)) {
            case "EADDRINUSE" -> "another socket is bound there: stop it, or choose another port (0 picks a free one)";
            case "EADDRNOTAVAIL" ->
                call.equals("connect")
                        ? "no local port is free: spread the connections over more addresses"
                        : "no interface of this machine has that address";
            case "EACCES" -> access(call);
            case "EPERM" -> permission(call);
            case "EMFILE" -> "this process has all the descriptors it may have: raise 'ulimit -n'";
            case "ENFILE" -> "the whole system has all the descriptors it may have: raise fs.file-max";
            case "ENOMEM" ->
                call.startsWith("io_uring")
                        ? "rings may be charged to locked memory: raise 'ulimit -l', or ask for smaller rings"
                        : null;
            case "ENOSYS" -> "this kernel, C library or sandbox doesn't have the call";
            case "EAFNOSUPPORT" -> "this kernel doesn't have that address family (IPv6 switched off?)";
            case "ECONNREFUSED" -> "nothing listens there";
            case "ENETUNREACH", "EHOSTUNREACH" -> "there is no route to that address";
            default -> null;
        };
    }

    private static @Nullable String access(String call) {
        return call.equals("bind")
                ? "ports below net.ipv4.ip_unprivileged_port_start (1024) need CAP_NET_BIND_SERVICE, and a Unix socket"
                        + " needs a writable directory"
                : null;
    }

    private static @Nullable String permission(String call) {
        return call.startsWith("io_uring")
                ? "io_uring is forbidden here (kernel.io_uring_disabled, or a container's seccomp filter): use epoll"
                : null;
    }
}
