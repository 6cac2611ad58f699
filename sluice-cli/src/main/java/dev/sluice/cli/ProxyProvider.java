package dev.sluice.cli;

import dev.sluice.Service;
import dev.sluice.ServiceProvider;
import java.util.List;

/** Makes {@code sluice proxy}'s service in a worker process, from the same words of the command line. */
public final class ProxyProvider implements ServiceProvider {
    /** For the runtime, in whichever process. */
    public ProxyProvider() {}

    @Override
    public Service service(List<String> arguments) {
        return ProxyCommand.of(arguments).service();
    }
}
