package dev.sluice.threading;

import dev.sluice.Model;
import dev.sluice.Options;
import dev.sluice.Service;
import dev.sluice.ServiceProvider;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a threading needs to start.
 *
 * @param service the service, made in this process; null for a client and where only the provider is to be used
 * @param provider names the service across a process, or null
 */
public record Setup(
        Model model,
        Options options,
        SocketAddress address,
        @Nullable Service service,
        @Nullable Class<? extends ServiceProvider> provider,
        List<String> arguments) {

    /** For a server: makes the service here unless the model lives in several processes. */
    public static Setup of(
            Model model,
            Options options,
            SocketAddress address,
            @Nullable Service service,
            @Nullable Class<? extends ServiceProvider> provider,
            List<String> arguments) {
        return new Setup(model, options, address, service, provider, arguments);
    }

    public static Setup forClient(Model model, Options options) {
        return new Setup(model, options, new InetSocketAddress(0), null, null, List.of());
    }

    /** The service of this process. */
    public Service requireService() {
        if (service != null) {
            return service;
        }
        if (provider == null) {
            throw new IllegalStateException("a client has no service of its own");
        }
        return make(provider, arguments);
    }

    /** Makes a provider's service. */
    public static Service make(Class<? extends ServiceProvider> provider, List<String> arguments) {
        try {
            return provider.getConstructor().newInstance().service(arguments);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalArgumentException("can't make a service of " + provider.getName() + ": " + e, e);
        }
    }
}
