package dev.sluice.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.util.Optional;

/**
 * The linker: the only class that makes downcall handles.
 *
 * <p>One handle, of nine longs, calls every function, and one more those that never wait. All of them take integers and
 * pointers only, and the calling conventions of x86-64 (System V) and of Arm (AAPCS64, and Apple's) pass each of these in
 * a register or a stack slot of 64 bits; what a function does not take is left lying. A handle for each C signature would
 * say more, but the linker generates code for each, which takes several milliseconds: together they were a third of a
 * server's start.
 *
 * <p>What these handles call is {@link ErrnoStub}, which calls the function and keeps {@code errno}. Where there is none,
 * or where the memory of the {@link CallState} may be freed, the JDK keeps it ({@link Captured}).
 *
 * <p>A symbol that is missing is no failure to link: calling it sets {@code ENOSYS} and answers -1, as a kernel without
 * the call would, so that one absent function never keeps a class from loading.
 */
@SuppressWarnings("restricted") // Linking is what this class is for; the launcher grants native access to the module.
final class Native {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final Linker.Option NEVER_WAITS = Linker.Option.critical(false);

    private static final MemorySegment MISSING = MemorySegment.NULL;

    /** syscall(2), for what the C library doesn't wrap: its first argument is the number, its result a long. */
    static final MemorySegment SYSCALL = function("syscall");

    private Native() {}

    /** Whether the C library has the symbol. */
    static boolean has(String symbol) {
        return LIBC.find(symbol).isPresent();
    }

    /** The address of a C library symbol, or 0 where there is none. */
    static long address(String symbol) {
        return function(symbol).address();
    }

    /** A function of the C library, to be called. */
    static MemorySegment function(String symbol) {
        return function(LIBC, symbol);
    }

    /** A function of another library. */
    static MemorySegment function(SymbolLookup library, String symbol) {
        return library.find(symbol).orElse(MISSING);
    }

    static SymbolLookup libc() {
        return LIBC;
    }

    /** A shared library by the name that the dynamic linker knows; one without symbols where it isn't installed. */
    static SymbolLookup library(String name) {
        try {
            return SymbolLookup.libraryLookup(name, Arena.global());
        } catch (IllegalArgumentException absent) { // the only way in which the lookup says so
            return symbol -> Optional.empty();
        }
    }

    /** The result of a function that answers the error number itself instead of setting errno, as pthreads do. */
    static int negated(int error) {
        return error < 0 ? -Errno.ENOSYS : -error; // -1 is the answer for a missing symbol.
    }

    /** Calls a function whose result is a C int: of the register, the upper half is undefined. */
    static int intCall(MemorySegment function, CallState state) {
        return (int) longCall(function, state, 0, 0, 0, 0, 0, 0, 0);
    }

    static int intCall(MemorySegment function, CallState state, long a) {
        return (int) longCall(function, state, a, 0, 0, 0, 0, 0, 0);
    }

    static int intCall(MemorySegment function, CallState state, long a, long b) {
        return (int) longCall(function, state, a, b, 0, 0, 0, 0, 0);
    }

    static int intCall(MemorySegment function, CallState state, long a, long b, long c) {
        return (int) longCall(function, state, a, b, c, 0, 0, 0, 0);
    }

    static int intCall(MemorySegment function, CallState state, long a, long b, long c, long d) {
        return (int) longCall(function, state, a, b, c, d, 0, 0, 0);
    }

    static int intCall(MemorySegment function, CallState state, long a, long b, long c, long d, long e) {
        return (int) longCall(function, state, a, b, c, d, e, 0, 0);
    }

    static int intCall(MemorySegment function, CallState state, long a, long b, long c, long d, long e, long f) {
        return (int) longCall(function, state, a, b, c, d, e, f, 0);
    }

    /** Calls a function whose result is a long or a pointer. */
    static long longCall(MemorySegment function, CallState state) {
        return longCall(function, state, 0, 0, 0, 0, 0, 0, 0);
    }

    static long longCall(MemorySegment function, CallState state, long a) {
        return longCall(function, state, a, 0, 0, 0, 0, 0, 0);
    }

    static long longCall(MemorySegment function, CallState state, long a, long b) {
        return longCall(function, state, a, b, 0, 0, 0, 0, 0);
    }

    static long longCall(MemorySegment function, CallState state, long a, long b, long c) {
        return longCall(function, state, a, b, c, 0, 0, 0, 0);
    }

    static long longCall(MemorySegment function, CallState state, long a, long b, long c, long d) {
        return longCall(function, state, a, b, c, d, 0, 0, 0);
    }

    static long longCall(MemorySegment function, CallState state, long a, long b, long c, long d, long e) {
        return longCall(function, state, a, b, c, d, e, 0, 0);
    }

    static long longCall(MemorySegment function, CallState state, long a, long b, long c, long d, long e, long f) {
        return longCall(function, state, a, b, c, d, e, f, 0);
    }

    static long longCall(
            MemorySegment function, CallState state, long a, long b, long c, long d, long e, long f, long g) {
        long address = function.address();
        if (address == 0) {
            CallState.setErrno(state.segment(), Errno.ENOSYS);
            return -1;
        }
        long errno = state.errnoAddress();
        try {
            if (errno == 0) {
                return (long) Captured.CALL.invokeExact(function, state.segment(), a, b, c, d, e, f, g);
            }
            return (long) Stubbed.CALL.invokeExact(ErrnoStub.CODE, address, errno, a, b, c, d, e, f, g);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        } finally {
            Reference.reachabilityFence(state);
        }
    }

    /**
     * Calls a function that never waits, without the thread's change of state around it (some 10 ns). The collector waits
     * for its end, as for any Java code, so it must be short.
     */
    static long shortLongCall(
            MemorySegment function, CallState state, long a, long b, long c, long d, long e, long f, long g) {
        long errno = state.errnoAddress();
        try {
            if (errno == 0) {
                return (long) Captured.NeverWaiting.CALL.invokeExact(function, state.segment(), a, b, c, d, e, f, g);
            }
            return (long) Stubbed.NeverWaiting.CALL.invokeExact(
                    ErrnoStub.CODE, function.address(), errno, a, b, c, d, e, f, g);
        } catch (Throwable thrown) {
            throw unexpected(thrown);
        } finally {
            Reference.reachabilityFence(state);
        }
    }

    /** Takes the code of {@link ErrnoStub} and what that takes: a function, where errno goes, and seven arguments. */
    static final class Stubbed {
        private static final FunctionDescriptor LONGS =
                FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG);

        static final MethodHandle CALL = LINKER.downcallHandle(LONGS);

        private Stubbed() {}

        private static final class NeverWaiting {
            static final MethodHandle CALL = LINKER.downcallHandle(LONGS, NEVER_WAITS);

            private NeverWaiting() {}
        }
    }

    /** Takes the function, the capture segment of a {@link CallState}, and seven arguments. */
    private static final class Captured {
        static final FunctionDescriptor LONGS = FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG);

        static final MethodHandle CALL = LINKER.downcallHandle(LONGS, ERRNO);

        private Captured() {}

        private static final class NeverWaiting {
            static final MethodHandle CALL = LINKER.downcallHandle(LONGS, ERRNO, NEVER_WAITS);

            private NeverWaiting() {}
        }
    }

    /**
     * Makes both handles, and calls each in a way that fails. The first comes before a {@link CallState}: what that has the JDK
     * generate, whoever waits for the handle does meanwhile.
     */
    static void link() {
        ErrnoStub.isThere();
        CallState state = CallState.global();
        intCall(function("close"), state, -1);
        shortLongCall(function("close"), state, -1, 0, 0, 0, 0, 0, 0);
    }

    /** What a downcall threw: never an answer of the kernel, always an error of ours or of the virtual machine. */
    static RuntimeException unexpected(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException runtime) {
            return runtime;
        }
        return new IllegalStateException("a downcall threw a checked exception", thrown);
    }

    /**
     * Functions with dots in their prototype, as in {@code int fcntl(int fd, int command, ...)}. Apple's convention for
     * Arm passes what stands behind the dots on the stack, where the others don't tell it from the rest.
     */
    static final class Variadic {
        private static final MethodHandle AFTER_TWO = LINKER.downcallHandle(
                FunctionDescriptor.of(LONG, LONG, LONG, LONG), ERRNO, Linker.Option.firstVariadicArg(2));
        private static final MethodHandle AFTER_THREE = LINKER.downcallHandle(
                FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG), ERRNO, Linker.Option.firstVariadicArg(3));

        private Variadic() {}

        static int intCall(MemorySegment function, CallState state, long a, long b, long behind) {
            try {
                return (int) (long) AFTER_TWO.invokeExact(function, state.segment(), a, b, behind);
            } catch (Throwable thrown) {
                throw unexpected(thrown);
            }
        }

        static int intCall(MemorySegment function, CallState state, long a, long b, long c, long behind) {
            try {
                return (int) (long) AFTER_THREE.invokeExact(function, state.segment(), a, b, c, behind);
            } catch (Throwable thrown) {
                throw unexpected(thrown);
            }
        }
    }

    /** Calls a function that has dots behind two parameters. */
    static int variadicCall(MemorySegment function, CallState state, long a, long b, long behind) {
        return Platform.isMacos()
                ? Variadic.intCall(function, state, a, b, behind)
                : intCall(function, state, a, b, behind);
    }

    /** Calls a function that has dots behind three parameters. */
    static int variadicCall(MemorySegment function, CallState state, long a, long b, long c, long behind) {
        return Platform.isMacos()
                ? Variadic.intCall(function, state, a, b, c, behind)
                : intCall(function, state, a, b, c, behind);
    }
}
