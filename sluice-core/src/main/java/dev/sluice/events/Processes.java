package dev.sluice.events;

/** Starts programs as children of this process. On Linux. Used inside of its domain. */
public interface Processes {
    /**
     * Starts a program, whose input, output and error output are pipes to here. Takes as long as posix_spawn(3) does, about a
     * millisecond, during which the loop stands still.
     *
     * @throws dev.sluice.os.SysException where it can't be started, with the reason
     */
    Child spawn(Command command, ChildHandler handler);
}
