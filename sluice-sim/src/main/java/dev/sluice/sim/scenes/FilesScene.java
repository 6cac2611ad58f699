package dev.sluice.sim.scenes;

import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.http.FileIo;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpService;
import dev.sluice.http.StaticFiles;
import dev.sluice.sim.Dice;
import dev.sluice.sim.Host;
import dev.sluice.sim.Peer;
import dev.sluice.sim.World;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Files on a disk, served over HTTP, that are written, replaced and removed while they are asked for; and clients that compare
 * what they get with what stood there meanwhile.
 */
public final class FilesScene implements Scene {
    static final int FILE_BYTES = 48 * 1024;

    private static final int PORT = 80;
    private static final int CLIENTS = 6;
    private static final int REQUESTS = 6;
    private static final int CHANGES = 8;
    private static final String ROOT = "/www/";
    private static final String[] FILES = {
        "a.txt",
        "a.txt.br",
        "a.txt.gz",
        "b.html",
        "c.bin",
        "d/index.html",
        "d/e.txt",
        "f/g.bin",
        "f/h.txt",
        "f/h.txt.gz"
    };

    private final UnaryOperator<Service> around;

    public FilesScene() {
        this(UnaryOperator.identity());
    }

    /** With a service around that of the scene: a test's, that breaks something. */
    FilesScene(UnaryOperator<Service> around) {
        this.around = around;
    }

    @Override
    public void play(World world, Casting casting) {
        new Play(world, casting, around).run();
    }

    /** One world's. */
    private static final class Play {
        private final World world;
        private final Casting casting;
        private final Dice dice;
        private final Shelf shelf;
        private final boolean lists;
        private final FileIo io;
        private final int kept;
        private final HttpLimits limits = HttpLimits.builder()
                .headerTimeout(ServerDraw.PATIENCE)
                .idleTimeout(ServerDraw.PATIENCE)
                .build();
        private final CrashingServer server;
        private final Host host;
        private final List<HttpClient> clients = new ArrayList<>();

        Play(World world, Casting casting, UnaryOperator<Service> around) {
            this.world = world;
            this.casting = casting;
            this.dice = world.dice();
            this.lists = dice.nextBoolean();
            this.io = dice.any(FileIo.values());
            this.kept = dice.nextBoolean() ? 1 + dice.below(16) : 0;
            this.shelf = new Shelf(world, world.host("server").disk(), ROOT);
            for (String file : FILES) {
                shelf.put(file, content());
            }
            world.host("server").disk().put(ROOT + ".hidden", content());
            Options options = ServerDraw.options(dice).build();
            this.server = new CrashingServer(
                    world, PORT, () -> Server.builder(around.apply(service())).options(options));
            this.host = world.host("client");
        }

        private byte[] content() {
            return dice.bytes((int) dice.spread(0, FILE_BYTES));
        }

        private Service service() {
            StaticFiles files = StaticFiles.builder(Path.of(ROOT))
                    .listing(lists)
                    .fileIo(io)
                    .keep(kept)
                    .build();
            world.host("server").onStop(files::close);
            return HttpService.builder()
                    .limits(limits)
                    .onFailure((line, failure) -> {})
                    .headHandler(files)
                    .build();
        }

        void run() {
            int count = 1 + dice.below(CLIENTS);
            for (int number = 1; number <= count; number++) {
                Dice own = dice.split();
                if (casting.has(number)) {
                    cast(own);
                }
            }
            for (int n = dice.below(CHANGES); n > 0; n--) {
                world.after(Duration.ofNanos(dice.spread(1_000, 5_000_000_000L)), this::change);
            }
            boolean _ = HttpClient.runAndStop(world, server, clients, this::newcomer);
        }

        private void change() {
            String file = dice.any(FILES);
            switch (dice.below(4)) {
                case 0 -> shelf.remove(file);
                case 1 -> shelf.replace(file, content());
                default -> shelf.put(file, content());
            }
        }

        private void cast(Dice own) {
            List<HttpAsk> asks = new ArrayList<>();
            FileAsks draw = new FileAsks(world, shelf, lists, own);
            int count = casting.requests(1 + own.below(REQUESTS));
            for (int i = 1; i <= count; i++) {
                asks.add(draw.draw(i == count));
            }
            HttpClient client = client(own, asks);
            Peer peer = client.peer();
            if (own.chance(0.3)) {
                peer.pace((int) own.spread(1, 8192), Duration.ofMillis(own.below(20)));
            }
            if (own.chance(0.1)) {
                peer.pauseReading().after(Duration.ofMillis(own.below(5000)), peer::resumeReading);
            }
            if (own.nextBoolean()) {
                client.pipelines((int) own.spread(1, 8));
            }
            if (own.chance(0.2)) {
                client.endsAtOnce();
            }
            if (own.chance(0.1)) {
                peer.after(Duration.ofMillis(own.spread(0, 3000)), peer::reset);
            }
        }

        private HttpClient client(Dice own, List<HttpAsk> asks) {
            HttpClient client = new HttpClient(world, own.split(), host.connect(server.address()), limits, asks);
            clients.add(client);
            return client;
        }

        private void newcomer() {
            client(dice, List.of(new FileAsks(world, shelf, lists, dice).draw(false)))
                    .start();
        }
    }
}
