package dev.sluice.sim.junit;

import dev.sluice.sim.Beneath;
import dev.sluice.sim.Faults;
import dev.sluice.sim.World;
import dev.sluice.sim.WorldFailure;
import dev.sluice.sim.campaign.Outcome;
import dev.sluice.sim.campaign.Replay;
import dev.sluice.sim.campaign.Run;
import dev.sluice.sim.campaign.Shrinker;
import dev.sluice.sim.scenes.Cast;
import dev.sluice.sim.scenes.Scene;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** Calls a {@link Simulated} method for each seed; {@link Simulated} brings it along. */
public final class SimulatedExtension implements ParameterResolver, InvocationInterceptor {
    private static final String SEED = "sluice.sim.seed";
    private static final String SEEDS = "sluice.sim.seeds";
    private static final String FAULTS = "sluice.sim.faults";
    private static final String BENEATH = "sluice.sim.beneath";

    /** For JUnit. */
    public SimulatedExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == World.class
                && parameter.getDeclaringExecutable() instanceof Method;
    }

    /** There is none before the seeds are played; the method is never called with this. */
    @Override
    public @Nullable Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return null;
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> test, ExtensionContext context) {
        invocation.skip();
        Simulated settings = context.getRequiredTestMethod().getAnnotation(Simulated.class);
        if (settings == null) {
            throw new IllegalStateException("@Simulated belongs on the method itself: " + test.getExecutable());
        }
        Run pattern = new Run(scene(test), 0, faults(settings), beneath(settings), Cast.ALL);
        Long seed = Long.getLong(SEED);
        if (seed != null) {
            require(pattern.withSeed(seed).play(System.out::println), 0, false);
            return;
        }
        int seeds = Integer.getInteger(SEEDS, settings.seeds());
        for (int i = 0; i < seeds; i++) {
            require(pattern.withSeed(settings.from() + i).play(), i, true);
        }
    }

    private static @Nullable Faults faults(Simulated settings) {
        String text = System.getProperty(FAULTS, settings.faults());
        return text.isEmpty() ? null : Faults.parse(text);
    }

    private static @Nullable Beneath beneath(Simulated settings) {
        String text = System.getProperty(BENEATH, settings.beneath());
        return text.isEmpty() ? null : Beneath.of(text);
    }

    private static Scene scene(ReflectiveInvocationContext<Method> test) {
        Method method = test.getExecutable();
        method.setAccessible(true);
        return (world, casting) -> {
            Object[] arguments = test.getArguments().toArray();
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = method.getParameterTypes()[i] == World.class ? world : arguments[i];
            }
            call(method, test.getTarget().orElse(null), arguments);
            world.run();
        };
    }

    private static void call(Method method, @Nullable Object target, Object[] arguments) throws Exception {
        try {
            method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            switch (e.getCause()) {
                case Error error -> throw error;
                case Exception exception -> throw exception;
                case null, default -> throw e;
            }
        }
    }

    private static void require(Outcome outcome, int before, boolean shrinks) {
        if (outcome.failure() == null) {
            return;
        }
        Outcome shortest = shrinks ? Shrinker.shrink(outcome, step -> {}) : outcome;
        StringBuilder text = new StringBuilder();
        text.append("seed ")
                .append(outcome.run().seed())
                .append(" fails, after ")
                .append(before);
        text.append(" that did not; to have it again: ").append(Replay.properties(outcome.run()));
        if (shortest != outcome) {
            text.append("\nthe same in ").append(shortest.lineCount()).append(" lines instead of ");
            text.append(outcome.lineCount()).append(": ").append(Replay.properties(shortest.run()));
        }
        WorldFailure failure = Objects.requireNonNull(shortest.failure());
        text.append('\n').append(failure.getMessage()); // which the cause need not say again
        throw new AssertionError(text.toString(), failure.getCause());
    }
}
