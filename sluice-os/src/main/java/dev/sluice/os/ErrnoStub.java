package dev.sluice.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * Code of our own between Java and the C library: it calls a function, and keeps {@code errno} when that may have failed.
 *
 * <p>The JDK's way to errno ({@code Linker.Option.captureCallState}) slices the segment at each call, in a chain of nine
 * frames. The compiler inlines fifteen deep ({@code -XX:MaxInlineLevel}) from wherever it begins, which differs from start
 * to start; where it ends within that chain, each call makes an object of 32 bytes. A function's result alone does not
 * tell why it failed, and to ask for errno by a second call is too late: the JVM may have stopped the thread in between.
 *
 * <p>On x86-64 Linux only. Elsewhere, and where the system gives no executable memory, {@link #isThere} is false and the
 * JDK's way serves.
 */
final class ErrnoStub {
    private static final int PAGE_BYTES = 4096;

    /**
     * {@code long stub(long (*function)(), int *errno, long a, b, c, d, e, f, g)} by the System V ABI for AMD64, section 3.2.3:
     * the first six in rdi, rsi, rdx, rcx, r8, r9, the rest on the stack, which is aligned to 16 bytes at each call; al
     * tells a function with dots how many vector registers it is given. A result that is positive as an int is no failure.
     */
    private static final String BEFORE = """
            f3 0f 1e fa       endbr64
            53                push rbx
            48 89 f3          mov  rbx, rsi
            49 89 fb          mov  r11, rdi
            48 89 d7          mov  rdi, rdx
            48 89 ce          mov  rsi, rcx
            4c 89 c2          mov  rdx, r8
            4c 89 c9          mov  rcx, r9
            4c 8b 44 24 10    mov  r8, [rsp+16]
            4c 8b 4c 24 18    mov  r9, [rsp+24]
            50                push rax
            ff 74 24 28       push qword [rsp+40]
            31 c0             xor  eax, eax
            41 ff d3          call r11
            85 c0             test eax, eax
            7f 1b             jg   done
            48 89 44 24 08    mov  [rsp+8], rax
            49 bb             mov  r11, __errno_location
            """;

    private static final String AFTER = """
            41 ff d3          call r11
            8b 00             mov  eax, [rax]
            89 03             mov  [rbx], eax
            48 8b 44 24 08    mov  rax, [rsp+8]
            48 83 c4 10       add  rsp, 16        ; done
            5b                pop  rbx
            c3                ret
            """;

    /** Where the instructions stand behind the bytes above. */
    private static final int BYTES_COLUMNS = 16;

    /** The stub, or {@link MemorySegment#NULL}. It is never freed. */
    static final MemorySegment CODE = MemorySegment.ofAddress(made());

    private ErrnoStub() {}

    static boolean isThere() {
        return CODE.address() != 0;
    }

    private static long made() {
        if (!Platform.isLinux() || Platform.ARCH != Platform.Arch.X86_64) {
            return 0;
        }
        byte[] before = bytes(BEFORE);
        byte[] after = bytes(AFTER);
        byte[] code = new byte[before.length + Long.BYTES + after.length];
        ByteBuffer buffer = ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(before).putLong(Native.address("__errno_location")).put(after);
        return executable(code);
    }

    private static byte[] bytes(String listing) {
        StringBuilder digits = new StringBuilder();
        int column = 0;
        for (int i = 0; i < listing.length(); i++, column++) { // no regular expression: it is a part of each start
            char c = listing.charAt(i);
            if (c == '\n') {
                column = -1;
            } else if (c != ' ' && column < BYTES_COLUMNS) {
                digits.append(c);
            }
        }
        return HexFormat.of().parseHex(digits);
    }

    /** Maps a page, writes it, and only then makes it executable; 0 where one of these is refused. */
    @SuppressWarnings("restricted") // The page is ours, and as long as it says.
    private static long executable(byte[] code) {
        int flags = MemoryMapping.MAP_PRIVATE | MemoryMapping.MAP_ANONYMOUS;
        int writable = MemoryMapping.PROT_READ | MemoryMapping.PROT_WRITE;
        long page = call("mmap", 0, PAGE_BYTES, writable, flags, -1);
        if (page == -1) {
            return 0;
        }
        MemorySegment memory = MemorySegment.ofAddress(page).reinterpret(PAGE_BYTES);
        MemorySegment.copy(code, 0, memory, ValueLayout.JAVA_BYTE, 0, code.length);
        if ((int) call("mprotect", page, PAGE_BYTES, MemoryMapping.PROT_READ | MemoryMapping.PROT_EXEC, 0, 0) != 0) {
            call("munmap", page, PAGE_BYTES, 0, 0, 0);
            return 0;
        }
        return page;
    }

    /** Without errno, as {@link MemoryMapping}'s own calls want a {@link CallState}, which asks here whether there is a stub. */
    private static long call(String name, long a, long b, long c, long d, long e) {
        try {
            return (long) Native.Stubbed.CALL.invokeExact(Native.function(name), a, b, c, d, e, 0L, 0L, 0L, 0L);
        } catch (Throwable thrown) {
            throw Native.unexpected(thrown);
        }
    }
}
