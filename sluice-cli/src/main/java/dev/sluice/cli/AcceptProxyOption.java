package dev.sluice.cli;

import static dev.sluice.cli.Specs.option;

import dev.sluice.Service;
import dev.sluice.proxy.Network;
import dev.sluice.proxy.ProxyHeaderService;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** The option {@code --accept-proxy} of what may stand behind a proxy that speaks the PROXY protocol. */
final class AcceptProxyOption {
    private final OptionSpec from = option(
                    "--accept-proxy",
                    "FROM[,FROM…]",
                    "Each connection must begin with a header of the PROXY protocol, v1 or v2, and come from one of these, as in"
                            + " 10.0.0.0/8, ::1 or 'unix'; others are cut. The client that it names is the one that is logged and"
                            + " told to back ends (default: none is read).")
            .type(List.class)
            .auxiliaryTypes(Network.class)
            .converters(new Converter())
            .splitRegex(",")
            .build();

    /** Gives a command this option. */
    AcceptProxyOption(CommandSpec command) {
        command.addOption(from);
    }

    /** Has a service's connections begin with a header, where that is asked for. */
    Service before(Service service) {
        List<Network> networks = from.<@Nullable List<Network>>getValue();
        return networks == null ? service : new ProxyHeaderService(service, networks);
    }

    private static final class Converter implements ITypeConverter<Network> {
        @Override
        public Network convert(String text) {
            try {
                return Network.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
