package dev.sluice.sim.scenes;

import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.http.HttpLimits;
import dev.sluice.proxy.Backend;
import dev.sluice.proxy.Backends;
import dev.sluice.proxy.Network;
import dev.sluice.proxy.PoolOptions;
import dev.sluice.proxy.ProxyHeaderService;
import dev.sluice.proxy.ProxyOptions;
import dev.sluice.proxy.ProxyService;
import dev.sluice.proxy.ProxyTimeouts;
import dev.sluice.proxy.RetryOptions;
import dev.sluice.sim.Dice;
import dev.sluice.sim.Faults;
import dev.sluice.sim.Host;
import dev.sluice.sim.World;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A proxy in front of some back ends, of which the first answers whatever comes, and the others also stall, break, send nonsense,
 * die and come back. In every world: no request that isn't idempotent reaches back ends twice, and an answer is to the request that
 * was asked. Where the world breaks nothing: each idempotent request is answered by a back end, since one of them would. Where the
 * proxy is behind another one, which tells it who each client is, a back end is told the same, and of no other client.
 */
public final class ProxyScene implements Scene {
    private static final int PORT = 80;
    private static final int BACKEND_PORT = 81;
    private static final int CLIENTS = 6;
    private static final int REQUESTS = 6;
    /** For the back end that stalls: later than any packet comes. */
    private static final Duration STALLED = Duration.ofMinutes(10);

    /** Further ones by which the back end that answers can fail, or the client or the proxy be lost. */
    private static final Set<Faults.Kind> CRASHES = EnumSet.of(Faults.Kind.CRASH, Faults.Kind.SILENT_CRASH);

    private final boolean behind;

    /** @param behind whether clients come through an intermediary that speaks the PROXY protocol */
    ProxyScene(boolean behind) {
        this.behind = behind;
    }

    @Override
    public void play(World world, Casting casting) {
        Dice dice = world.dice();
        List<Faults.Kind> faults = world.faults().kinds();
        boolean breaks = !Collections.disjoint(faults, RelayScene.BREAKING) || !Collections.disjoint(faults, CRASHES);
        ProxyLedger ledger = new ProxyLedger(behind);
        List<InetSocketAddress> addresses = new ArrayList<>();
        int backends = 1 + dice.below(3);
        for (int i = 0; i < backends; i++) {
            Host host = world.host("backend" + i);
            ProxyBackend backend = new ProxyBackend(world, dice.split(), ledger, i == 0);
            host.accept(BACKEND_PORT, backend::serve);
            addresses.add(host.address(BACKEND_PORT));
        }
        Collections.rotate(addresses, dice.below(backends));
        ProxyOptions options = options(dice, backends);
        Options server = ServerDraw.options(dice).build();
        CrashingServer proxy = new CrashingServer(world, PORT, () -> {
            Backends all = new Backends(addresses.stream().map(Backend::new).collect(Collectors.toList()));
            return Server.builder(front(new ProxyService(options, () -> all))).options(server);
        });
        List<ProxyClient> clients = new ArrayList<>();
        int count = 1 + dice.below(CLIENTS);
        for (int number = 1; number <= count; number++) {
            Dice own = dice.split();
            if (casting.has(number)) {
                int requests = casting.requests(1 + own.below(REQUESTS));
                int first = ProxyLedger.firstOf(number);
                clients.add(new ProxyClient(world, own, proxy::address, ledger, first, requests, !breaks));
            }
        }
        clients.forEach(ProxyClient::start);
        boolean[] stops = new boolean[1];
        ServerDraw.runAndStop(
                world,
                proxy,
                () -> new ProxyClient(world, dice.split(), proxy::address, ledger, ProxyLedger.firstOf(999), 1, false)
                        .start(),
                () -> {
                    stops[0] = true;
                    clients.forEach(ProxyClient::serverStops);
                });
        if (!stops[0] && !breaks) {
            clients.forEach(ProxyClient::finish);
        }
    }

    private Service front(Service proxy) {
        return behind ? new ProxyHeaderService(proxy, List.of(Network.parse("0.0.0.0/0")), ServerDraw.PATIENCE) : proxy;
    }

    private static ProxyOptions options(Dice dice, int backends) {
        RetryOptions retries = RetryOptions.standard().withTries(backends).withBudget(1, 1000);
        if (dice.chance(0.3)) {
            retries = retries.withHedging(Duration.ofMillis(dice.spread(1, 500)), dice.nextBoolean());
        }
        return ProxyOptions.standard()
                .with(retries)
                .with(ProxyTimeouts.standard()
                        .withConnect(STALLED)
                        .withHead(STALLED)
                        .withStall(STALLED))
                .with(PoolOptions.standard()
                        .withConnections((int) dice.spread(1, 8), dice.below(4))
                        .withWaiting(1000, Duration.ofDays(30))
                        .withAges(Duration.ofMillis(dice.spread(1, 10_000)), Duration.ofSeconds(dice.below(10))))
                .with(HttpLimits.builder()
                        .requestLineBytes(HttpScene.REQUEST_LINE_BYTES)
                        .headers(HttpScene.HEADER_BYTES, HttpScene.HEADER_COUNT)
                        .headerTimeout(ServerDraw.PATIENCE)
                        .idleTimeout(ServerDraw.PATIENCE)
                        .bodyRate(1, ServerDraw.PATIENCE)
                        .build());
    }
}
