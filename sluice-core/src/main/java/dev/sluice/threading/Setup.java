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
 * @param listener a listening descriptor that another process opened and shares, or {@link #OWN_LISTENER}
 * @param besideOthers whether other processes of this server accept at the same address
 */
public record Setup(
        Model model,
        Options options,
        SocketAddress address,
        @Nullable Service service,
        @Nullable Class<? extends ServiceProvider> provider,
        List<String> arguments,
        int listener,
        boolean besideOthers) {
    /** The server opens its listening socket itself. */
    public static final int OWN_LISTENER = -1;

    /** For a server: makes the service here unless the model lives in several processes. */
    public static Setup of(
            Model model,
            Options options,
            SocketAddress address,
            @Nullable Service service,
            @Nullable Class<? extends ServiceProvider> provider,
            List<String> arguments) {
        return new Setup(model, options, address, service, provider, arguments, OWN_LISTENER, false);
    }

    /** The same with a listening descriptor that is there already. */
    public Setup listeningOn(int descriptor) {
        return new Setup(model, options, address, service, provider, arguments, descriptor, besideOthers);
    }

    public static Setup forClient(Model model, Options options) {
        return new Setup(model, options, new InetSocketAddress(0), null, null, List.of(), OWN_LISTENER, false);
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

    boolean inheritsListener() {
        return listener != OWN_LISTENER;
    }

    /**
     * The provider, for a server whose service is made in other processes; tried in this one first.
     *
     * @param who the server, in words
     * @param cure what else to do
     * @throws IllegalArgumentException where there is none, or its service needs a single process
     */
    Class<? extends ServiceProvider> requireProvider(String who, String cure) {
        if (provider == null) {
            throw new IllegalArgumentException(who + " makes its service in other processes, and a service object can't"
                    + " cross to them: name the service by its provider class, a ServiceProvider"
                    + " (Server.builder(MyProvider.class)), or " + cure);
        }
        if (provider.getConstructors().length == 0 || provider.getCanonicalName() == null) {
            throw new IllegalArgumentException(who + " makes its service in other processes: " + provider.getName()
                    + " must be a public class with a public constructor");
        }
        String reason = make(provider, arguments).singleProcessReason();
        if (reason != null) {
            throw new IllegalArgumentException(
                    who + " can't run this service, which needs a single process (" + reason + "): " + cure);
        }
        return provider;
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
