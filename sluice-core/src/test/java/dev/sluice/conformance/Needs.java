package dev.sluice.conformance;

import dev.sluice.Model.Ability;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a model must be able to do for a behaviour to be asked of it; {@link Exceptions} has the reason where it can't.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@interface Needs {
    Ability[] value();
}
