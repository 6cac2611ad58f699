package dev.sluice.os;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * A signal of the whole process, such as SIGTERM or SIGHUP, told to Java code.
 *
 * <p>signalfd(2) can't do that here: it sees a signal of the process only if <em>every</em> thread blocks it, and the virtual
 * machine's own threads, and those of any library, don't; the first of them that doesn't is where the kernel delivers it, with
 * its default effect. A handler of sigaction(2) can't call Java either, since a thread may be interrupted in the midst of
 * anything. The virtual machine has the sound way: its own handler counts the signal and posts a semaphore (both allowed in
 * a handler, signal-safety(7)), and a thread of its own calls Java. That is {@code sun.misc.Signal} (module {@code
 * jdk.unsupported}), reached by reflection since the compiler has no way to accept it without a warning.
 */
public final class JvmSignal {
    private final Class<?> type;
    private final Class<?> handlerType;
    private final Object signal;
    private final Object before;

    private JvmSignal(Class<?> type, Class<?> handlerType, Object signal, Object before) {
        this.type = type;
        this.handlerType = handlerType;
        this.signal = signal;
        this.before = before;
    }

    /**
     * Takes a signal over from whoever had it in this process.
     *
     * @param name without "SIG", as in {@code TERM}
     * @param handler called on a thread of the virtual machine's own, once for each signal that the kernel delivered (which
     *     keeps one pending, however many are sent)
     * @throws IllegalArgumentException where there is no such signal, or the virtual machine keeps it for itself
     */
    public static JvmSignal handle(String name, Runnable handler) {
        try {
            Class<?> type = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object signal = type.getConstructor(String.class).newInstance(name);
            Object proxy = Proxy.newProxyInstance(
                    JvmSignal.class.getClassLoader(),
                    new Class<?>[] {handlerType},
                    (self, method, arguments) -> switch (method.getName()) {
                        case "handle" -> {
                            handler.run();
                            yield null;
                        }
                        case "equals" -> self == arguments[0];
                        case "hashCode" -> System.identityHashCode(self);
                        default -> "handler of SIG" + name;
                    });
            Object before = type.getMethod("handle", type, handlerType).invoke(null, signal, proxy);
            return new JvmSignal(type, handlerType, signal, before);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(
                    "SIG" + name + " can't be handled: "
                            + e.getTargetException().getMessage(),
                    e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM lacks jdk.unsupported, so SIG" + name + " can't be handled", e);
        }
    }

    /** Gives the signal back to whoever had it before. */
    public void restore() {
        try {
            type.getMethod("handle", type, handlerType).invoke(null, signal, before);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the handler before can't be restored", e);
        }
    }
}
