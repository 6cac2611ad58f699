package dev.sluice.cli;

import dev.sluice.Service;
import dev.sluice.ServiceProvider;
import java.util.List;

/** The echo service, for whichever process it runs in; its argument is the name of an {@link EchoStyle}. */
public final class EchoProvider implements ServiceProvider {
    /** For the runtime, in whichever process. */
    public EchoProvider() {}

    @Override
    public Service service(List<String> arguments) {
        return EchoStyle.valueOf(arguments.getFirst());
    }
}
