package dev.sluice.sim.scenes;

import dev.sluice.Options;
import dev.sluice.Server;
import dev.sluice.Service;
import dev.sluice.http.HttpLimits;
import dev.sluice.http.HttpService;
import dev.sluice.sim.Dice;
import dev.sluice.sim.Host;
import dev.sluice.sim.Peer;
import dev.sluice.sim.World;
import dev.sluice.sim.scenes.HttpAsk.Ending;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * An HTTP server, its handlers of one of two styles, and clients: polite and pipelining ones, some of which send bit by bit, read
 * slowly or end their side early; hostile ones, silent ones, ones that go away; and twins, which send the same damaged bytes and
 * must get the same answers, however the bytes came.
 */
public final class HttpScene implements Scene {
    static final int REQUEST_LINE_BYTES = 512;
    static final int HEADER_BYTES = 2048;
    static final int HEADER_COUNT = 50;

    private static final int PORT = 80;
    private static final int CLIENTS = 6;
    private static final int REQUESTS = 6;
    /** Bytes that mean something in a head or in the framing of a body. */
    private static final String ODD = "\r\n :0,";

    private static final double IMPATIENT = 0.2;

    private final UnaryOperator<Service> around;

    public HttpScene() {
        this(UnaryOperator.identity());
    }

    /** With a service around that of the scene: a test's, that breaks something. */
    HttpScene(UnaryOperator<Service> around) {
        this.around = around;
    }

    @Override
    public void play(World world, Casting casting) {
        new Play(world, casting, around).run();
    }

    private static HttpLimits limits(Dice dice, boolean impatient) {
        return HttpLimits.builder()
                .requestLineBytes(REQUEST_LINE_BYTES)
                .headers(HEADER_BYTES, HEADER_COUNT)
                .discardBytes(HttpAsks.DISCARD_BYTES)
                .headerTimeout(patience(dice, impatient))
                .idleTimeout(patience(dice, impatient))
                .bodyRate(500, patience(dice, impatient))
                .build();
    }

    private static Duration patience(Dice dice, boolean impatient) {
        long millis = dice.spread(100, 5000);
        return impatient ? Duration.ofMillis(millis) : ServerDraw.PATIENCE;
    }

    /** One world's. */
    private static final class Play {
        private final World world;
        private final Casting casting;
        private final Dice dice;
        private final HttpLimits limits;
        private final boolean impatient;
        private final CrashingServer server;
        private final Host host;
        private final List<HttpClient> clients = new ArrayList<>();
        private final List<HttpClient> twins = new ArrayList<>();

        Play(World world, Casting casting, UnaryOperator<Service> around) {
            this.world = world;
            this.casting = casting;
            this.dice = world.dice();
            this.impatient = dice.chance(IMPATIENT);
            this.limits = limits(dice, impatient);
            Options.Builder draw = ServerDraw.options(dice);
            Options options = draw.writeTimeout(patience(dice, impatient)).build();
            HttpHandlers handlers = new HttpHandlers(world);
            HttpService.Builder service = HttpService.builder().limits(limits).onFailure((line, failure) -> {});
            if (dice.nextBoolean()) {
                service.handler(handlers.whole());
            } else {
                service.async(handlers.later());
            }
            this.server = new CrashingServer(
                    world,
                    PORT,
                    () -> Server.builder(around.apply(service.build())).options(options));
            this.host = world.host("client");
        }

        void run() {
            int count = 1 + dice.below(CLIENTS);
            for (int number = 1; number <= count; number++) {
                Dice own = dice.split();
                if (casting.has(number)) {
                    new Casts(own).cast();
                }
            }
            if (HttpClient.runAndStop(world, server, clients, this::newcomer)) {
                compareTwins();
            }
        }

        private void newcomer() {
            HttpAsk ask = new HttpAsks(dice.split()).draw(false);
            Peer peer = host.connect(server.address());
            if (impatient) {
                peer.mayBreak();
            }
            HttpClient client = new HttpClient(world, dice.split(), peer, limits, List.of(ask));
            clients.add(client);
            client.start();
        }

        private void compareTwins() {
            for (int i = 0; i + 1 < twins.size(); i += 2) {
                List<HttpAnswer> one = twins.get(i).answers();
                List<HttpAnswer> other = twins.get(i + 1).answers();
                if (one != null && other != null && !impatient && !one.equals(other)) {
                    twins.get(i).peer().fail("the same bytes were answered with " + one + " and with " + other);
                }
            }
        }

        /** Draws one client, or two twins. */
        private final class Casts {
            private final Dice own;
            private final HttpAsks draw;

            Casts(Dice own) {
                this.own = own;
                this.draw = new HttpAsks(own);
            }

            void cast() {
                switch (own.below(10)) {
                    case 0 -> hostile();
                    case 1 -> silent();
                    case 2 -> twins();
                    case 3 -> aborting();
                    default -> polite();
                }
            }

            private Peer peer() {
                Peer peer = host.connect(server.address());
                if (impatient) {
                    peer.mayBreak();
                }
                if (own.chance(0.2)) {
                    peer.pace((int) own.spread(1, 8192), Duration.ofMillis(own.below(20)));
                }
                if (own.chance(0.1)) {
                    peer.pauseReading().after(Duration.ofMillis(own.below(5000)), peer::resumeReading);
                }
                return peer;
            }

            private HttpClient client(List<HttpAsk> asks) {
                Peer peer = peer();
                HttpClient client = new HttpClient(world, own.split(), peer, limits, asks);
                if (own.nextBoolean()) {
                    client.pipelines((int) own.spread(1, 8));
                }
                if (own.chance(0.3)) {
                    client.drips();
                }
                clients.add(client);
                return client;
            }

            private List<HttpAsk> asks(boolean mayEnd) {
                List<HttpAsk> asks = new ArrayList<>();
                int count = casting.requests(1 + own.below(REQUESTS));
                for (int i = 1; i <= count; i++) {
                    asks.add(draw.draw(mayEnd && i == count));
                }
                return asks;
            }

            private void polite() {
                HttpClient client = client(asks(true));
                if (own.chance(0.3)) {
                    client.endsAtOnce();
                }
            }

            /** Good requests, then one that is none, and one behind it, which is never answered. */
            private void hostile() {
                List<HttpAsk> asks = asks(false);
                if (own.chance(0.3)) {
                    asks.add(HttpRefusals.noise(own));
                    client(asks).endsAtOnce();
                    return;
                }
                asks.add(HttpRefusals.draw(own));
                if (own.nextBoolean()) {
                    String behind = "GET /fixed/1/1 HTTP/1.1\r\nHost: a\r\n\r\n";
                    asks.add(HttpAsk.raw("what nobody may answer", behind, Ending.CLOSES));
                }
                HttpClient client = client(asks).pipelines(REQUESTS + 2);
                if (own.nextBoolean()) {
                    client.staysOpen();
                }
            }

            /** Begins a request and never goes on, or asks nothing: the server has to end it. */
            private void silent() {
                List<HttpAsk> asks = own.nextBoolean() ? asks(false) : new ArrayList<>();
                if (own.chance(0.2)) {
                    asks.add(HttpAsk.raw("an empty line", "\r\n", Ending.CLOSES));
                } else if (own.nextBoolean()) {
                    String whole = draw.draw(false).head();
                    String begun = whole.substring(0, (int) own.spread(3, whole.length() - 1));
                    asks.add(HttpAsk.raw("the beginning of a request", begun, Ending.CLOSES, 408));
                }
                client(asks).staysOpen();
            }

            private void aborting() {
                HttpClient client = client(asks(true));
                client.peer().mayBreak();
                client.peer().after(Duration.ofMillis(own.spread(0, 3000)), client.peer()::reset);
            }

            private void twins() {
                StringBuilder bytes = new StringBuilder("GET /fixed/9/9 HTTP/1.1\r\nHost: a\r\n\r\n");
                for (HttpAsk ask : asks(true)) {
                    if (!ask.toHead()) { // whose answers only its client can read
                        bytes.append(ask.head()).append(ask.body());
                    }
                }
                HttpAsk damaged = HttpAsk.raw("damaged bytes", damage(bytes), Ending.CLOSES_OR_ENDS, 200);
                for (int i = 0; i < 2; i++) {
                    twins.add(client(List.of(damaged)).endsAtOnce().judgesNothing());
                }
            }

            private String damage(StringBuilder bytes) {
                int times = 1 + own.below(3);
                for (int i = 0; i < times; i++) {
                    char odd = own.nextBoolean() ? (char) own.below(256) : ODD.charAt(own.below(ODD.length()));
                    bytes.setCharAt(own.below(bytes.length()), odd);
                }
                return bytes.toString();
            }
        }
    }
}
