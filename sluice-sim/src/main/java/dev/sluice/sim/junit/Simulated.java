package dev.sluice.sim.junit;

import dev.sluice.sim.World;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test method of JUnit that takes a {@link World}, and is called for each of some seeds with the world of that seed. The method
 * puts hosts, servers and peers into it; when it returns the world runs until nothing is left to happen, and is closed,
 * whereupon all that must hold in every world is looked at. The first seed that fails is made shorter where that can be done, and
 * told, with what has it again.
 *
 * <pre>{@code
 * @Simulated(seeds = 1000)
 * void comesBack(World world) {
 *     Server server = world.host("server").serve(Server.builder(Echo::new), 7);
 *     world.host("client").connect(server.address()).send("hello").expect("hello").end().expectEnd();
 * }
 * }</pre>
 *
 * <p>All calls are on the thread and the instance of the test: what a seed needs is made inside of the method, and drawn from
 * {@link World#dice}. {@code BeforeEach} and {@code AfterEach} run once around them all.
 *
 * <p>System properties: {@code sluice.sim.seed} plays that seed alone, and prints its story; {@code sluice.sim.seeds} plays so many
 * instead; {@code sluice.sim.faults} and {@code sluice.sim.beneath} come before what is said here.
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Test
@ExtendWith(SimulatedExtension.class)
public @interface Simulated {
    /** How many seeds. */
    int seeds() default 100;

    /** The first seed. */
    long from() default 0;

    /** The faults, as in {@code "loss=0.1,reset=0.05"} or {@code "off"}; those that each seed has for it unless said. */
    String faults() default "";

    /** What all loops wait with, as in {@code "edge"}; what each seed has for each host unless said. */
    String beneath() default "";
}
