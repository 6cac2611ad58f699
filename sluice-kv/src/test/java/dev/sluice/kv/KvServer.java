package dev.sluice.kv;

import dev.sluice.Family;
import dev.sluice.Model;
import dev.sluice.Models;
import dev.sluice.Options;
import dev.sluice.Server;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A store on a model, for the test at hand. */
final class KvServer implements AutoCloseable {
    /** One of each family; {@code -Dsluice.models=NAME,…} names others, and the full tier has them all. */
    private static final List<String> FAMILIES =
            List.of("threads", "virtual", "sleep-poll", "select", "epoll", "nio", "aio", "io_uring");

    final Store store;
    private final Server server;

    private KvServer(Store store, Server server) {
        this.store = store;
        this.server = server;
    }

    /** The models of one process that this machine can run. */
    static Stream<String> models() {
        String named = System.getProperty("sluice.models", "");
        boolean all = System.getProperty("sluice.tier", "quick").equals("full");
        return Models.all().stream()
                .filter(model -> named.isEmpty()
                        ? all || FAMILIES.contains(model.name())
                        : List.of(named.split(",")).contains(model.name()))
                .filter(model -> model.can(Model.Ability.ONE_PROCESS))
                .filter(model -> model.family() != Family.SIMULATION)
                .filter(model -> model.availability().available())
                .map(Model::name);
    }

    static KvServer start() {
        return start(StoreOptions.standard());
    }

    static KvServer start(StoreOptions options) {
        return start("epoll", Options.standard(), options);
    }

    static KvServer start(String model, Options options, StoreOptions storeOptions) {
        boolean shared = Models.choose(model).family() == Family.BLOCKING || options.loops() > 1;
        Store store = new Store(storeOptions.toBuilder().shared(shared).build());
        return start(model, options, store);
    }

    static KvServer start(String model, Options options, Store store) {
        Server server = Server.builder(new KvService(store))
                .model(model)
                .options(options.toBuilder().outputLimit(1L << 30).build())
                .start();
        return new KvServer(store, server);
    }

    int port() {
        return server.port();
    }

    Server server() {
        return server;
    }

    RespClient connect() throws IOException {
        return new RespClient(port());
    }

    long usedBytes() {
        return store.usedBytes();
    }

    List<KvOutlet> outlets() {
        List<KvOutlet> all = new ArrayList<>();
        for (Client client : store.clients()) {
            if (client.outlet instanceof KvOutlet outlet) {
                all.add(outlet);
            }
        }
        return all;
    }

    @Override
    public void close() {
        server.close();
    }
}
