package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.Connection;
import dev.sluice.sim.Blocking;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@OnEveryModel
@DisplayName("Timers")
class TimersTest extends Conformance {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    /** Models whose waits count in milliseconds, or that sleep for a fixed time. */
    private static final Set<String> COARSE = Set.of("nio", "aio", "sleep-poll");

    @Test
    @DisplayName("a timer does not run early, nor much too late")
    void notEarly() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            for (long delay : new long[] {1, 5, 20}) {
                long asked = Await.nanoTime();
                c.after(delay * MILLI, () -> t.say("late " + (Await.nanoTime() - asked - delay * MILLI)));
            }
            c.after(30 * MILLI, c::end);
        }));
        connect().rest();
        Await.until("three timers", () -> witness.lines("late ").size() == 3);
        assertThat(witness.lines("late "))
                .allSatisfy(line ->
                        assertThat(Long.parseLong(line.substring(5))).isBetween(0L, TimeUnit.SECONDS.toNanos(5)));
    }

    @Test
    @Tag("slow")
    @DisplayName("what a callback is told as the time is that of its turn, not of the wait before it")
    void timeOfTheTurn() throws Exception {
        serve((c, t) -> new Actor(c, t).onCommand(name -> {
            long turn =
                    c.nanoTime(); // first, since the turn's time is read when somebody asks: a clock read before may be
            // behind
            long turnMillis = c.currentTimeMillis();
            t.say("behind " + (Await.nanoTime() - turn));
            t.say("wall " + (Await.currentTimeMillis() - turnMillis));
        }));
        TestClient client = connect().send("a");
        Await.until("an answer", () -> witness.lines("wall ").size() == 1);
        Await.pass(600, () -> witness.lines("wall ").size() > 1); // the loop waits meanwhile
        client.send("b");
        Await.until("two answers", () -> witness.lines("wall ").size() == 2);
        assertThat(witness.lines("behind "))
                .allSatisfy(
                        line -> assertThat(Long.parseLong(line.substring(7))).isBetween(0L, 500 * MILLI));
        assertThat(witness.lines("wall "))
                .allSatisfy(
                        line -> assertThat(Long.parseLong(line.substring(5))).isBetween(0L, 500L));
    }

    @Test
    @DisplayName("timers run in the order of their times")
    void inOrder() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            int[] delays = {9, 3, 12, 6, 0, 15};
            for (int delay : delays) {
                c.after(delay * MILLI, () -> Actor.write(c, delay + " "));
            }
            c.after(20 * MILLI, c::end);
        }));
        assertThat(connect().rest().text()).isEqualTo("0 3 6 9 12 15 ");
    }

    @Test
    @DisplayName("a timer without delay runs soon, but not inside the call")
    void withoutDelay() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            c.after(0, () -> t.say("timer"));
            c.after(-5, () -> Actor.write(c, "x"));
            t.say("asked");
        }));
        assertThat(connect().read(1)).isEqualTo("x");
        witness.await("timer");
        assertThat(witness.lines()).containsExactly("asked", "timer");
    }

    @Test
    @DisplayName("a cancelled timer does not run; cancelling twice, or too late, does nothing")
    void cancel() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            Connection.Timer never = c.after(5 * MILLI, () -> t.say("cancelled one"));
            Connection.Timer early = c.after(MILLI, () -> t.say("early one"));
            never.cancel();
            never.cancel();
            c.after(15 * MILLI, () -> {
                early.cancel();
                c.end();
            });
        }));
        connect().rest();
        witness.await("early one");
        assertThat(witness.lines()).containsExactly("early one");
    }

    @Test
    @DisplayName("a timer may cancel another that is due at the same time")
    void cancelDue() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            Connection.Timer[] second = new Connection.Timer[1];
            c.after(2 * MILLI, () -> {
                second[0].cancel();
                t.say("first");
            });
            second[0] = c.after(2 * MILLI, () -> t.say("second"));
            c.after(12 * MILLI, c::end);
        }));
        connect().rest();
        witness.await("first");
        assertThat(witness.lines()).containsExactly("first");
    }

    @Test
    @DisplayName("timers are dropped when the connection closes")
    void droppedAtClose() throws Exception {
        serve((c, t) -> new Actor(c, t).onCommand(name -> {
            c.after(5 * MILLI, () -> t.say("timer"));
            c.after(10 * MILLI, () -> t.say("timer"));
            c.abort();
        }));
        assertThat(connect().send("x").isOver()).isTrue();
        witness.await("closed LOCAL");
        Await.pass(25, () -> witness.count("timer") > 0);
        assertThat(witness.lines()).containsExactly("closed LOCAL");
    }

    @Test
    @DisplayName("a timer may start the next one")
    void again() throws Exception {
        serve((c, t) -> {
            int[] count = {0};
            Runnable[] tick = new Runnable[1];
            tick[0] = () -> {
                Actor.write(c, String.valueOf(count[0]++));
                if (count[0] < 10) {
                    c.after(MILLI, tick[0]);
                } else {
                    c.end();
                }
            };
            return new Actor(c, t).onOpened(tick[0]::run);
        });
        assertThat(connect().rest().text()).isEqualTo("0123456789");
    }

    @Test
    @DisplayName("a thousand timers all run, those that are not cancelled")
    void aThousand() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            int[] count = {0};
            for (int i = 0; i < 2_000; i++) {
                Connection.Timer timer = c.after((i * 7919L % 10_000) * 1_000, () -> {
                    if (++count[0] == 1_000) {
                        Actor.write(c, "all");
                    }
                });
                if (i % 2 == 1) {
                    timer.cancel();
                }
            }
            c.after(40 * MILLI, () -> {
                Actor.write(c, " " + count[0]);
                c.end();
            });
        }));
        assertThat(connect().rest().text()).isEqualTo("all 1000");
    }

    @Test
    @DisplayName("timers run while input floods in")
    void whileInputFloods() throws Exception {
        serve((c, t) -> new Actor(c, t)
                .onOpened(() -> c.after(20 * MILLI, () -> {
                    Actor.write(c, "timer");
                    c.end();
                })));
        TestClient client = connect();
        boolean[] over = {false};
        Beside flood = beside(() -> {
            byte[] some = new byte[64 * 1024];
            try {
                while (!over[0]) {
                    client.send(some);
                }
                client.end();
            } catch (java.io.IOException e) {
                over[0] = true;
            }
        });
        assertThat(client.read(5)).isEqualTo("timer");
        over[0] = true;
        flood.join();
    }

    @Test
    @DisplayName("a periodic timer runs at multiples of its period, none early, until it is cancelled")
    void periodic() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            long began = Await.nanoTime();
            int[] count = {0};
            Connection.Timer[] timer = new Connection.Timer[1];
            timer[0] = c.every(2 * MILLI, () -> {
                count[0]++;
                t.say("at " + (Await.nanoTime() - began - count[0] * 2 * MILLI));
                if (count[0] == 5) {
                    timer[0].cancel();
                    c.after(10 * MILLI, c::end);
                }
            });
        }));
        connect().rest();
        Await.until("five runs", () -> witness.lines("at ").size() == 5);
        assertThat(witness.lines("at "))
                .hasSize(5)
                .allSatisfy(
                        line -> assertThat(Long.parseLong(line.substring(3))).isNotNegative());
    }

    /** A session that blocks; in a world no time passes in a callback. */
    private static void holdUp(long nanos) {
        if (!Blocking.inWorld()) {
            LockSupport.parkNanos(nanos);
        }
    }

    @Test
    @DisplayName("a periodic timer leaves out the times that it missed")
    void periodicMissed() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            int[] count = {0};
            c.every(MILLI, () -> {
                if (++count[0] == 1) {
                    holdUp(30 * MILLI);
                    c.after(2 * MILLI, () -> {
                        Actor.write(c, count[0] < 10 ? "left out" : "made up for");
                        c.end();
                    });
                }
            });
        }));
        assertThat(connect().rest().text()).isEqualTo("left out");
    }

    @Test
    @DisplayName("a period of nothing is refused")
    void periodOfNothing() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            try {
                c.every(0, () -> t.say("ran"));
            } catch (IllegalArgumentException refused) {
                Actor.write(c, refused.getMessage());
            }
            c.end();
        }));
        assertThat(connect().rest().text()).isEqualTo("a period of 0 ns: it must be longer than nothing");
    }

    @Test
    @DisplayName("a timer can be started again: before it ran, after that, and after it was cancelled")
    void startedAgain() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            Connection.Timer timer = c.timer(() -> t.say("ran"));
            c.after(2 * MILLI, () -> timer.start(20 * MILLI));
            timer.start(10 * MILLI); // put off by the other
            c.after(15 * MILLI, () -> t.say("not yet"));
            c.after(40 * MILLI, () -> {
                timer.start(MILLI);
                timer.cancel();
                timer.start(5 * MILLI);
            });
            c.after(60 * MILLI, c::end);
        }));
        connect().rest();
        witness.await("not yet");
        Await.until("two runs", () -> witness.count("ran") == 2);
        assertThat(witness.lines()).containsExactly("not yet", "ran", "ran");
    }

    @Test
    @DisplayName("a timer that is started after the connection closed never runs")
    void startedTooLate() throws Exception {
        serve((c, t) -> new Actor(c, t).onCommand(name -> {
            Connection.Timer timer = c.timer(() -> t.say("timer"));
            c.abort();
            timer.start(0);
        }));
        assertThat(connect().send("x").isOver()).isTrue();
        witness.await("closed LOCAL");
        Await.pass(10, () -> witness.count("timer") > 0);
        assertThat(witness.lines()).containsExactly("closed LOCAL");
    }

    @Test
    @DisplayName("a wait ends when the timer is due, not a millisecond later")
    void finelyGrained() throws Exception {
        long delay = 1_100_000;
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            long[] due = {Await.nanoTime() + delay};
            int[] left = {20};
            Connection.Timer[] timer = new Connection.Timer[1];
            timer[0] = c.timer(() -> {
                t.say("late " + (Await.nanoTime() - due[0]));
                if (--left[0] == 0) {
                    c.end();
                } else {
                    due[0] = Await.nanoTime() + delay;
                    timer[0].start(delay);
                }
            });
            timer[0].start(delay);
        }));
        connect().rest();
        Await.until("twenty runs", () -> witness.lines("late ").size() == 20);
        assertThat(leastLateness()).isBetween(0L, COARSE.contains(model.name()) ? 50 * MILLI : 600_000);
    }

    /** Of so many, since the machine holds one or the other up. */
    private long leastLateness() {
        return witness.lines("late ").stream()
                .mapToLong(line -> Long.parseLong(line.substring(5)))
                .min()
                .orElseThrow();
    }

    @Test
    @DisplayName("a timer that takes long does not delay those that are due after it")
    void afterALongOne() throws Exception {
        serve((c, t) -> new Actor(c, t).onOpened(() -> {
            int[] left = {3};
            Runnable[] round = new Runnable[1];
            round[0] = () -> {
                long due = Await.nanoTime() + 25 * MILLI;
                c.after(MILLI, () -> holdUp(20 * MILLI));
                c.after(25 * MILLI, () -> {
                    t.say("late " + (Await.nanoTime() - due));
                    if (--left[0] == 0) {
                        c.end();
                    } else {
                        round[0].run();
                    }
                });
            };
            round[0].run();
        }));
        connect().rest();
        Await.until("three runs", () -> witness.lines("late ").size() == 3);
        assertThat(leastLateness()).isBetween(0L, 10 * MILLI);
    }
}
