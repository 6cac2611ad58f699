package dev.sluice.threading;

import dev.sluice.engine.EngineCounters;
import dev.sluice.observe.ConnectionCensus;
import dev.sluice.observe.ConnectionReport;
import dev.sluice.observe.LoopReport;
import dev.sluice.os.CallState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks running loops and domains what is going on in them, and waits a bounded time: one that is held does not answer, which is
 * an answer too. Never from a loop that is asked.
 */
final class Insight {
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    /** Of one loop: what is looked at holds it meanwhile. */
    private static final int MOST_LOOKED_AT = 2_000;
    /** Of domains that have a connection each. */
    private static final int MOST_ASKED = 2_000;

    private Insight() {}

    /** A question to several domains; late answers are dropped. */
    private static final class Question {
        private final CountDownLatch missing;
        private boolean over;

        Question(int domains) {
            missing = new CountDownLatch(domains);
        }

        synchronized void answer(Runnable answer) {
            if (!over) {
                answer.run();
                missing.countDown();
            }
        }

        void await() {
            try {
                var _ = missing.await(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // what has come by now is the answer
            }
            synchronized (this) {
                over = true;
            }
        }
    }

    /** What each loop did, and how long a task waits on it just now. */
    static List<LoopReport> loops(List<Loop> loops) {
        long asked = System.nanoTime();
        Long[] lags = new Long[loops.size()];
        Question question = new Question(loops.size());
        for (int i = 0; i < lags.length; i++) {
            int at = i;
            loops.get(i).submit(() -> {
                long lag = System.nanoTime() - asked;
                question.answer(() -> lags[at] = lag);
            });
        }
        question.await();
        List<LoopReport> reports = new ArrayList<>();
        for (int i = 0; i < lags.length; i++) {
            reports.add(report(loops.get(i), lags[i], System.nanoTime() - asked));
        }
        return reports;
    }

    private static LoopReport report(Loop loop, @Nullable Long lag, long unanswered) {
        EngineCounters counters = loop.engine().counters();
        Thread thread = loop.thread();
        return new LoopReport(
                loop.name(),
                thread == null ? 0 : thread.threadId(),
                loop.openCount(),
                counters.waits,
                counters.readyEvents,
                counters.systemCalls,
                counters.receivedBytes,
                counters.sentBytes,
                loop.timerCount(),
                loop.waitingTasks(),
                loop.waitingTurns(),
                loop.lentCount(),
                lag == null ? unanswered : lag,
                lag != null,
                loop.pulse.blockedCount(),
                loop.pulse.blockedNanos());
    }

    /** The connections of loops; of each, those that joined last. */
    static ConnectionCensus connectionsOf(List<Loop> loops, Predicate<ConnectionReport> wanted, int limit) {
        long open = loops.stream().mapToLong(Loop::openCount).sum();
        return ask(loops, Loop::name, open, wanted, limit, (loop, visitor) -> loop.visit(MOST_LOOKED_AT, visitor));
    }

    /** The connections of domains that have one each, or few. */
    static ConnectionCensus connectionsOf(
            Collection<LockDomain> domains, long open, Predicate<ConnectionReport> wanted, int limit) {
        List<LockDomain> some = domains.stream().limit(MOST_ASKED).toList();
        return ask(some, LockDomain::threadName, open, wanted, limit, LockDomain::visit);
    }

    private interface Visit<D> {
        void visit(D domain, Consumer<SocketConnection> visitor);
    }

    private interface Name<D> {
        String of(D domain);
    }

    private static <D extends Domain> ConnectionCensus ask(
            List<D> domains, Name<D> name, long open, Predicate<ConnectionReport> wanted, int limit, Visit<D> visit) {
        List<ConnectionReport> found = new ArrayList<>();
        Set<String> silent = new LinkedHashSet<>();
        domains.forEach(domain -> silent.add(name.of(domain)));
        Question question = new Question(domains.size());
        for (D domain : domains) {
            String owner = name.of(domain);
            boolean taken = domain.submit(() -> {
                List<ConnectionReport> own = new ArrayList<>();
                CallState state = new CallState();
                visit.visit(domain, c -> {
                    ConnectionReport report = own.size() < limit ? c.report(owner, state) : null;
                    if (report != null && wanted.test(report)) {
                        own.add(report);
                    }
                });
                question.answer(() -> {
                    silent.remove(owner);
                    found.addAll(own);
                });
            });
            if (!taken) {
                question.answer(() -> silent.remove(owner)); // it has ended
            }
        }
        question.await();
        return new ConnectionCensus(
                open, List.copyOf(found.subList(0, Math.min(limit, found.size()))), List.copyOf(silent));
    }
}
