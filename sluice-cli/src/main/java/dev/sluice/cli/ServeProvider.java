package dev.sluice.cli;

import dev.sluice.Service;
import dev.sluice.ServiceProvider;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine;

/** Makes {@code sluice serve}'s service in a worker process, from the same words of the command line. */
public final class ServeProvider implements ServiceProvider {
    /** For the runtime, in whichever process. */
    public ServeProvider() {}

    @Override
    public Service service(List<String> arguments) throws IOException {
        Jars.open();
        ServeCommand command = new ServeCommand();
        new CommandLine(command.spec(), Specs.FACTORY)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .parseArgs(arguments.toArray(String[]::new));
        // It ends with its process: what is logged is written at once, and the rest is the kernel's to close.
        return command.front(command.open());
    }
}
