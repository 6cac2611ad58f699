package dev.sluice.sim.scenes;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The scenes of the bundled services, by name. */
public final class Scenes {
    private static final Map<String, Scene> ALL = new LinkedHashMap<>();

    static {
        ALL.put("echo", new EchoScene());
        ALL.put("http", new HttpScene());
        ALL.put("files", new FilesScene());
        ALL.put("relay", new RelayScene());
        ALL.put("proxy", new ProxyScene(false));
        ALL.put("proxied-proxy", new ProxyScene(true));
        ALL.put("kv", new KvScene());
    }

    private Scenes() {}

    public static Set<String> names() {
        return Collections.unmodifiableSet(ALL.keySet());
    }

    /**
     * The scene of a service.
     *
     * @throws IllegalArgumentException where there is none of that name
     */
    public static Scene of(String name) {
        Scene scene = ALL.get(name);
        if (scene == null) {
            throw new IllegalArgumentException(
                    "there is no service '" + name + "' to simulate: there are " + String.join(", ", ALL.keySet()));
        }
        return scene;
    }
}
