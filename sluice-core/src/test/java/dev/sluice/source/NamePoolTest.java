package dev.sluice.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Server;
import dev.sluice.events.NameHandler;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A resolver that hangs, as one does whose name server is gone: nothing else can be told to hang and to go on. */
@Timeout(20)
class NamePoolTest {
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final NamePool pool = new NamePool(host -> {
        if (host.equals("hangs")) {
            awaitEnd();
        }
        return new InetAddress[] {InetAddress.getLoopbackAddress()};
    });
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    private void awaitEnd() {
        try {
            hanging.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Says how many addresses there were. */
    private record Answer(String name, boolean givenUp, BlockingQueue<String> told) implements NamePool.Answer {
        @Override
        public void told(List<InetAddress> addresses, @Nullable String failure) {
            told.add(name + " " + addresses.size());
        }

        @Override
        public boolean isGivenUp() {
            return givenUp;
        }
    }

    private boolean ask(String host) {
        return pool.ask(host, new Answer(host, false, told));
    }

    @Test
    void threadsAndQuestionsAreBoundedWhileTheResolverHangs() throws Exception {
        for (int i = 0; i < NamePool.THREADS; i++) {
            assertThat(ask("hangs")).isTrue();
        }
        awaitTaken();
        for (int i = 0; i < NamePool.QUESTIONS; i++) {
            assertThat(pool.ask("waits", new Answer("waits", i > 0, told))).isTrue();
        }
        assertThat(ask("refused")).isFalse();
        assertThat(pool.threadCount()).isEqualTo(NamePool.THREADS);
        assertThat(told).isEmpty();
        hanging.countDown();
        for (int i = 0; i < NamePool.THREADS + 1; i++) { // those that nobody waits for are not asked
            assertThat(told.poll(10, TimeUnit.SECONDS)).isIn("hangs 1", "waits 1");
        }
        while (pool.threadCount() > 0) {
            Thread.onSpinWait(); // they go by themselves
        }
        assertThat(told).isEmpty();
        assertThat(ask("again")).isTrue();
        assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("again 1");
    }

    /** Says that it failed, and why. */
    private record Failures(BlockingQueue<String> told) implements NameHandler {
        @Override
        public void resolved(List<InetAddress> addresses) {
            told.add("resolved");
        }

        @Override
        public void failed(String reason) {
            told.add(reason);
        }
    }

    @Test
    void aLookUpThatHangsFailsAtItsDeadlineAndTheLoopGoesOn() throws Exception {
        try (Server server = Server.builder(connection -> null).model("epoll").start()) {
            DomainEvents events = (DomainEvents) server.events();
            Failures failures = new Failures(told);
            events.execute(() -> Lookup.start(events, pool, "hangs", Duration.ofMillis(50), failures));
            assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("'hangs' was not resolved within 50 ms");
            events.execute(() -> Lookup.start(events, pool, "answers", Duration.ofSeconds(10), failures));
            assertThat(told.poll(10, TimeUnit.SECONDS)).isEqualTo("resolved");
        } finally {
            hanging.countDown();
        }
    }

    private void awaitTaken() {
        while (pool.waitingCount() > 0) {
            Thread.onSpinWait();
        }
    }
}
