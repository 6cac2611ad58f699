package dev.sluice.os;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Optional;

/**
 * The linker: the only class that makes downcall handles.
 *
 * <p>Each handle takes the capture segment of a {@link CallState} first. A symbol that is missing is no failure to
 * link: its handle sets {@code ENOSYS} and answers -1, as a kernel without the call would, so that one absent function
 * never keeps a class from loading.
 */
@SuppressWarnings("restricted") // Linking is what this class is for; the launcher grants native access to the module.
final class Native {
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

    private Native() {}

    /** Whether the C library has the symbol. */
    static boolean has(String symbol) {
        return LIBC.find(symbol).isPresent();
    }

    /** The address of a C library symbol, or 0 where there is none. */
    static long address(String symbol) {
        return LIBC.find(symbol).map(MemorySegment::address).orElse(0L);
    }

    static MethodHandle intCall(String symbol, ValueLayout... arguments) {
        return link(LIBC, symbol, FunctionDescriptor.of(INT, arguments), ERRNO);
    }

    static MethodHandle longCall(String symbol, ValueLayout... arguments) {
        return link(LIBC, symbol, FunctionDescriptor.of(LONG, arguments), ERRNO);
    }

    /**
     * A call that never waits, without the thread's change of state around it (some 10 ns). The collector waits for its end,
     * as for any Java code, so it must be short.
     */
    static MethodHandle shortLongCall(String symbol, ValueLayout... arguments) {
        return link(LIBC, symbol, FunctionDescriptor.of(LONG, arguments), ERRNO, Linker.Option.critical(false));
    }

    static MethodHandle voidCall(String symbol, ValueLayout... arguments) {
        return link(LIBC, symbol, FunctionDescriptor.ofVoid(arguments), ERRNO);
    }

    /** A call of a variadic function; {@code fixed} is the number of parameters before the dots. */
    static MethodHandle variadicIntCall(String symbol, int fixed, ValueLayout... arguments) {
        Linker.Option variadic = Linker.Option.firstVariadicArg(fixed);
        return link(LIBC, symbol, FunctionDescriptor.of(INT, arguments), ERRNO, variadic);
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

    /** A call of a function of another library than the C library. */
    static MethodHandle intCall(SymbolLookup library, String symbol, ValueLayout... arguments) {
        return link(library, symbol, FunctionDescriptor.of(INT, arguments), ERRNO);
    }

    /**
     * syscall(2) of one number, for what the C library doesn't wrap. The result is a long; the arguments are those of
     * the system call.
     */
    static MethodHandle syscall(long number, ValueLayout... arguments) {
        MemoryLayout[] all = new MemoryLayout[arguments.length + 1];
        all[0] = LONG;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        Linker.Option variadic = Linker.Option.firstVariadicArg(1);
        MethodHandle handle = link(LIBC, "syscall", FunctionDescriptor.of(LONG, all), ERRNO, variadic);
        return MethodHandles.insertArguments(handle, 1, number);
    }

    /** The result of a function that answers the error number itself instead of setting errno, as pthreads do. */
    static int negated(int error) {
        return error < 0 ? -Errno.ENOSYS : -error; // -1 is the stand-in's answer for a missing symbol.
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

    private static MethodHandle link(
            SymbolLookup library, String symbol, FunctionDescriptor descriptor, Linker.Option... options) {
        Optional<MemorySegment> address = library.find(symbol);
        return address.isPresent()
                ? LINKER.downcallHandle(address.get(), descriptor, options)
                : missing(descriptor.toMethodType());
    }

    private static MethodHandle missing(MethodType call) {
        Class<?> result = call.returnType();
        String name = result == int.class ? "missingInt" : result == long.class ? "missingLong" : "missingVoid";
        try {
            MethodHandle handle = MethodHandles.lookup()
                    .findStatic(Native.class, name, MethodType.methodType(result, MemorySegment.class));
            List<Class<?>> ignored = call.parameterList();
            return MethodHandles.dropArguments(handle, 1, ignored);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no stand-in for a missing symbol returning " + result, e);
        }
    }

    @SuppressWarnings("unused") // Found by name in missing().
    private static int missingInt(MemorySegment state) {
        CallState.setErrno(state, Errno.ENOSYS);
        return -1;
    }

    @SuppressWarnings("unused") // Found by name in missing().
    private static long missingLong(MemorySegment state) {
        CallState.setErrno(state, Errno.ENOSYS);
        return -1;
    }

    @SuppressWarnings("unused") // Found by name in missing().
    private static void missingVoid(MemorySegment state) {
        CallState.setErrno(state, Errno.ENOSYS);
    }
}
