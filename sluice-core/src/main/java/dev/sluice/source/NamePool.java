package dev.sluice.source;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Threads that look names up, since the JDK's resolver blocks: a few, started when they are needed and gone a second after,
 * and so many questions that wait for them. No locks: a loop asks here, and so do virtual threads that it runs.
 */
final class NamePool {
    static final int THREADS = 8;
    static final int QUESTIONS = 1024;
    /** All of the process share one. */
    static final NamePool SHARED = new NamePool(InetAddress::getAllByName);

    /** As {@link InetAddress#getAllByName}. */
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /** Told on a thread of the pool. */
    interface Answer {
        void told(List<InetAddress> addresses, @Nullable String failure);

        /** Whether nobody waits for it any more. */
        boolean isGivenUp();
    }

    private record Question(String host, Answer answer) {}

    private final Resolver resolver;
    private final LinkedTransferQueue<Question> questions = new LinkedTransferQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger threads = new AtomicInteger();
    private final AtomicInteger idle = new AtomicInteger();

    NamePool(Resolver resolver) {
        this.resolver = resolver;
    }

    /** Asks; false where too many questions wait. */
    boolean ask(String host, Answer answer) {
        if (waiting.incrementAndGet() > QUESTIONS) {
            waiting.decrementAndGet();
            return false;
        }
        questions.add(new Question(host, answer));
        if (idle.get() < waiting.get()) {
            startThread();
        }
        return true;
    }

    int waitingCount() {
        return waiting.get();
    }

    int threadCount() {
        return threads.get();
    }

    private void startThread() {
        int before = threads.get();
        while (before < THREADS && !threads.compareAndSet(before, before + 1)) {
            before = threads.get();
        }
        if (before < THREADS) {
            Thread.ofPlatform().daemon().name("sluice-names").start(this::work);
        }
    }

    private void work() {
        while (true) {
            Question question = take();
            if (question == null) {
                threads.decrementAndGet();
                if (!questions.isEmpty()) {
                    startThread(); // asked just now, by someone who saw this thread
                }
                return;
            }
            waiting.decrementAndGet();
            if (!question.answer().isGivenUp()) {
                answer(question);
            }
        }
    }

    private @Nullable Question take() {
        idle.incrementAndGet();
        try {
            return questions.poll(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        } finally {
            idle.decrementAndGet();
        }
    }

    private void answer(Question question) {
        List<InetAddress> found;
        String failure = null;
        try {
            found = List.of(resolver.resolve(question.host()));
        } catch (UnknownHostException | SecurityException e) {
            found = List.of();
            failure = "no address of '" + question.host() + "' is known: " + e.getMessage();
        }
        question.answer().told(found, failure);
    }
}
