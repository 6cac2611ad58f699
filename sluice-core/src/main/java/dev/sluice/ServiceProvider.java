package dev.sluice;

import java.util.List;

/**
 * Makes a service from its class name and arguments, so that it can be named across a process: a lambda can't be sent to
 * a worker of {@code prefork}. Implementations have a public constructor without parameters.
 */
public interface ServiceProvider {
    /** Makes the service; called once in each process. */
    Service service(List<String> arguments) throws Exception;
}
