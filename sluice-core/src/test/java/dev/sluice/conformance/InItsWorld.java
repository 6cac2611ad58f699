package dev.sluice.conformance;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** Has each behaviour run by its class, on the thread that a timeout gives it: a world belongs to one thread. */
final class InItsWorld implements InvocationInterceptor {
    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> behaviour, ReflectiveInvocationContext<Method> how, ExtensionContext context)
            throws Throwable {
        ((Conformance) context.getRequiredTestInstance()).play(behaviour);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> behaviour, ReflectiveInvocationContext<Method> how, ExtensionContext context)
            throws Throwable {
        ((Conformance) context.getRequiredTestInstance()).play(behaviour);
    }
}
