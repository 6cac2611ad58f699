package dev.sluice.conformance;

import dev.sluice.sim.Blocking;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Counts what a server could leave behind: descriptors of this process and its children, and threads. */
final class Census {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    static {
        startPollers();
    }

    private Census() {}

    /** Loads this class where it may wait for real threads: outside of worlds. */
    static void prepare() {}

    /**
     * The first socket that a virtual thread waits for makes the JDK open descriptors that it keeps: not ours to count.
     */
    private static void startPollers() {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
            Thread reader = Thread.ofVirtual().start(new Reader(listener));
            Await.until("a virtual thread that waits", () -> reader.getState() == Thread.State.WAITING);
            client.shutdownOutput();
            Await.until("its end", () -> !reader.isAlive());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A class of its own: a lambda is a method of this one, and would wait for its initializer, which waits for it. */
    private record Reader(ServerSocket listener) implements Runnable {
        @Override
        public void run() {
            try (Socket accepted = listener.accept()) {
                accepted.getInputStream().read();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Open descriptors of this process and of its children; in a world, of its machine. */
    static long descriptors() {
        if (Blocking.inWorld()) {
            return Blocking.host().descriptorCount();
        }
        return LongStream.concat(
                        LongStream.of(ProcessHandle.current().pid()),
                        ProcessHandle.current().children().mapToLong(ProcessHandle::pid))
                .map(Census::descriptorsOf)
                .sum();
    }

    private static long descriptorsOf(long pid) {
        try (Stream<Path> entries = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return entries.count();
        } catch (IOException e) {
            return 0; // that child is gone
        }
    }

    static long descriptorsOfThisProcess() {
        return Blocking.inWorld()
                ? Blocking.host().descriptorCount()
                : descriptorsOf(ProcessHandle.current().pid());
    }

    /** The highest descriptor of this process. */
    static int highestDescriptor() throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.mapToInt(
                            entry -> Integer.parseInt(entry.getFileName().toString()))
                    .max()
                    .orElseThrow();
        }
    }

    /** Identifiers of the live platform threads. */
    static Set<Long> threads() {
        return LongStream.of(THREADS.getAllThreadIds()).boxed().collect(Collectors.toSet());
    }

    /** The names of threads of the runtime that live now and are not among others. */
    static Set<String> runtimeThreadsBeyond(Set<Long> others) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !others.contains(thread.threadId()))
                .map(Thread::getName)
                .filter(name -> name.startsWith("sluice") && !name.equals("sluice-log"))
                .collect(Collectors.toSet());
    }

    /** Processor time of the threads that are not among others, this one apart. */
    static long processorNanosBeyond(Set<Long> others) {
        return threads().stream()
                .filter(id ->
                        !others.contains(id) && id != Thread.currentThread().threadId())
                .mapToLong(THREADS::getThreadCpuTime)
                .filter(nanos -> nanos > 0)
                .sum();
    }
}
