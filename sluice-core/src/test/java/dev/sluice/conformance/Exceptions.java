package dev.sluice.conformance;

import dev.sluice.Model;
import dev.sluice.Model.Ability;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The behaviours that a model can't have, each with its reason: all that the suite leaves out, and nothing else. */
final class Exceptions {
    /**
     * One thing that one model can't do.
     *
     * @param ability what it lacks, with all behaviours that need it; or null
     * @param behaviour one behaviour, as {@code Class.method}; or null
     */
    record Row(
            String model,
            @Nullable Ability ability,
            @Nullable String behaviour,
            String reason) {}

    private static final String SEPARATE =
            "sessions live in worker processes: nothing is shared, nothing is seen inside";

    private static final String ONE_THREAD = "it is about tasks of other threads, and a world has one thread";

    private static final String NO_TURN = "tasks are run by their connection's own thread, in no loop's turn";

    private static final String MACHINES_LIMIT =
            "it fills the machine's table of descriptors; in a world the fault 'descriptors' does that";

    private static final String HIDDEN =
            "the JDK hides its channels' descriptors: none can be kept in reserve, and newcomers wait for room";

    private static final List<Row> ROWS = List.of(
            without("busy-poll", "DescriptorsTest.pauseIsCheap", "it never sleeps: that is what it is"),
            lacks("nio", Ability.SHED, HIDDEN),
            lacks("aio", Ability.SHED, HIDDEN),
            lacks("prefork", Ability.SHED, "a worker serves one connection, and does not run out of descriptors"),
            without(
                    "aio",
                    "ClosingTest.abortResets",
                    "AsynchronousSocketChannel has no SO_LINGER: it can't send a reset"),
            lacks("aio", Ability.UNIX_SOCKETS, "AsynchronousSocketChannel knows internet addresses only"),
            without("sim", "AddressesTest.ipv6", "a world's hosts have addresses of IPv4 only"),
            without("sim", "BytesInTest.urgent", "a world's streams carry no urgent data"),
            without("sim", "TasksTest.inOrder", ONE_THREAD),
            without("sim", "TasksTest.neverOverlap", ONE_THREAD),
            without("sim", "TasksTest.wakes", ONE_THREAD),
            without("sim", "TasksTest.refusedAfterClosed", ONE_THREAD),
            without(
                    "sim",
                    "TasksTest.nextTurn",
                    "a world's network takes its time: nothing that is sent is there at once"),
            without("aio", "TasksTest.nextTurn", "the JDK's threads bring what arrives, and may not have run by then"),
            without("threads", "TasksTest.nextTurn", NO_TURN),
            without("virtual", "TasksTest.nextTurn", NO_TURN),
            without("sim", "DescriptorsTest.pausesAndResumes", MACHINES_LIMIT),
            without("sim", "DescriptorsTest.pauseIsCheap", "a world has no processor whose time could be measured"),
            without("sim", "DescriptorsTest.highDescriptors", MACHINES_LIMIT),
            lacks("sim", Ability.UNIX_SOCKETS, "a world's hosts have internet addresses only"),
            lacks("sim", Ability.SHED, "the descriptor in reserve would be the machine's"),
            lacks("select", Ability.MANY_CONNECTIONS, "FD_SETSIZE: select(2) sees 1,024 descriptors"),
            lacks("threads", Ability.MOVE, "it has no loops: each connection has a thread of its own"),
            lacks("virtual", Ability.MOVE, "its virtual threads belong to the loop that schedules them"),
            lacks("nio", Ability.MOVE, "a JDK channel stays with the selector that it was registered with"),
            lacks("aio", Ability.MOVE, "a JDK channel stays with the group that it was opened in"),
            lacks("sim", Ability.MOVE, "what is moved is found by the machine's own clocks"),
            lacks("sim", Ability.KERNEL_EVENTS, "a world has none of the machine's descriptors, signals and processes"),
            lacks("prefork", Ability.MOVE, SEPARATE),
            lacks("prefork", Ability.ONE_PROCESS, SEPARATE),
            lacks("prefork", Ability.DIAL, "a client lives in the caller's process, a connection in a worker's"),
            lacks("prefork", Ability.MANY_CONNECTIONS, "a worker process weighs 30 MB and serves one connection"));

    private Exceptions() {}

    static List<Row> rows() {
        return ROWS;
    }

    private static Row lacks(String model, Ability ability, String reason) {
        return new Row(model, ability, null, reason);
    }

    private static Row without(String model, String behaviour, String reason) {
        return new Row(model, null, behaviour, reason);
    }

    /** Why a behaviour is not asked of a model; empty where it is. */
    static Optional<String> reason(Model model, String behaviour, Set<Ability> needs) {
        return ROWS.stream()
                .filter(row -> row.model().equals(model.name()))
                .filter(row -> behaviour.equals(row.behaviour()) || needs.contains(row.ability()))
                .map(Row::reason)
                .findFirst();
    }
}
