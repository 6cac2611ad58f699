package dev.sluice.proxy;

import dev.sluice.Model;
import dev.sluice.Models;
import java.util.List;
import java.util.stream.Stream;

/** Which models the proxy is tested on: one of each family, or those that the system property {@code sluice.models} names. */
final class ProxyModels {
    private static final List<String> FAMILIES = List.of("threads", "virtual", "busy-poll", "epoll", "nio", "io_uring");

    private ProxyModels() {}

    static Stream<String> all() {
        String named = System.getProperty("sluice.models", "");
        List<String> wanted = named.isEmpty() ? FAMILIES : List.of(named.split(","));
        return wanted.stream().filter(ProxyModels::runs);
    }

    private static boolean runs(String name) {
        Model model = Models.choose(name);
        return model.can(Model.Ability.DIAL) && model.availability().available();
    }
}
