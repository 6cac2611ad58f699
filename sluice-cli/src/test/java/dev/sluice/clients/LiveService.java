package dev.sluice.clients;

import dev.sluice.Service;
import dev.sluice.ServiceProvider;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpService;
import dev.sluice.http.StaticFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What the live servers serve, made from words so that worker processes can make it too. */
public final class LiveService implements ServiceProvider {
    /** A head must be whole, and a body keep its rate, after so long. */
    static final Duration PATIENCE = Duration.ofMillis(700);

    /** For the runtime, in whichever process. */
    public LiveService() {}

    @Override
    public Service service(List<String> arguments) {
        HttpService.Builder builder = switch (arguments.getFirst()) {
            case "files" ->
                HttpService.builder()
                        .headHandler(StaticFiles.builder(Path.of(arguments.get(1)))
                                .listing(true)
                                .followLinks(true)
                                .build());
            case "reflect" -> HttpService.reflect();
            default -> throw new IllegalArgumentException("no service is called " + arguments.getFirst());
        };
        if (arguments.contains("impatient")) {
            builder.limits(HttpLimits.builder()
                    .headerTimeout(PATIENCE)
                    .bodyRate(1000, PATIENCE)
                    .build());
        }
        return builder.build();
    }
}
