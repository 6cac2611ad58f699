package dev.sluice.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.params.SetParams;

/** Redis's own programs, and the clients that people use from Java, as they are. */
@Timeout(90)
@Tag("slow")
class RealClientsTest {
    private static String run(String... command) throws Exception {
        assumeTrue(RedisServer.isInstalled(command[0]), command[0] + " is not installed");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output.strip();
    }

    private static String cli(KvServer server, String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of("redis-cli", "-p", String.valueOf(server.port())));
        all.addAll(List.of(command));
        return run(all.toArray(String[]::new));
    }

    @Test
    void redisCli() throws Exception {
        try (KvServer server = KvServer.start()) {
            assertThat(cli(server, "SET", "greeting", "hello")).isEqualTo("OK");
            assertThat(cli(server, "GET", "greeting")).isEqualTo("hello");
            assertThat(cli(server, "-3", "HSET", "h", "a", "1", "b", "2")).isEqualTo("2");
            assertThat(cli(server, "-3", "HGETALL", "h").lines()).hasSize(2);
            assertThat(cli(server, "INFO", "keyspace")).contains("db0:keys=2,expires=0");
            assertThat(cli(server, "--scan").lines()).containsExactlyInAnyOrder("greeting", "h");
            assertThat(cli(server, "LPUSH", "l", "x")).contains("ERR unknown command 'LPUSH'");
        }
    }

    @Test
    void redisBenchmark() throws Exception {
        try (KvServer server = KvServer.start()) {
            String output = run(
                    "redis-benchmark",
                    "-p",
                    String.valueOf(server.port()),
                    "-t",
                    "ping,set,get,incr,hset,mset",
                    "-n",
                    "4000",
                    "-c",
                    "20",
                    "-P",
                    "4",
                    "-r",
                    "1000",
                    "-q");
            for (String test : List.of("PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "HSET", "MSET (10 keys)")) {
                assertThat(output).contains(test + ": ");
            }
            assertThat(output).doesNotContain("Error");
        }
    }

    @Test
    void jedis() throws Exception {
        try (KvServer server = KvServer.start();
                Jedis jedis = new Jedis("127.0.0.1", server.port())) {
            assertThat(jedis.set("k", "v", SetParams.setParams().nx().px(100_000)))
                    .isEqualTo("OK");
            assertThat(jedis.pttl("k")).isBetween(90_000L, 100_000L);
            jedis.hset("h", Map.of("a", "1", "b", "2"));
            assertThat(jedis.hgetAll("h")).isEqualTo(Map.of("a", "1", "b", "2"));
            assertThat(jedis.incrByFloat("f", 0.1)).isEqualTo(0.1);
            Pipeline pipeline = jedis.pipelined();
            for (int i = 0; i < 100; i++) {
                pipeline.incr("n");
            }
            assertThat(pipeline.syncAndReturnAll()).hasSize(100).last().isEqualTo(100L);
            Transaction transaction = jedis.multi();
            transaction.set("t", "1");
            transaction.incr("t");
            assertThat(transaction.exec()).containsExactly("OK", 2L);
            assertThat(jedis.scan("0").getResult()).contains("k", "h", "n", "t", "f");
            subscribe(server, jedis);
        }
    }

    private static void subscribe(KvServer server, Jedis publisher) throws Exception {
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        JedisPubSub listener = new JedisPubSub() {
            @Override
            public void onSubscribe(String channel, int count) {
                heard.add("subscribed to " + channel);
            }

            @Override
            public void onMessage(String channel, String message) {
                heard.add(message);
                unsubscribe();
            }
        };
        try (Jedis subscriber = new Jedis("127.0.0.1", server.port())) {
            Thread thread = Thread.ofPlatform().start(() -> subscriber.subscribe(listener, "news"));
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("subscribed to news");
            assertThat(publisher.publish("news", "hello")).isEqualTo(1);
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("hello");
            thread.join();
        }
    }

    @Test
    void lettuce() throws Exception {
        RedisClient client;
        try (KvServer server = KvServer.start()) {
            client = RedisClient.create(RedisURI.create("127.0.0.1", server.port()));
            try (StatefulRedisConnection<String, String> connection = client.connect();
                    StatefulRedisPubSubConnection<String, String> subscriber = client.connectPubSub()) {
                RedisCommands<String, String> redis = connection.sync();
                assertThat(redis.set("k", "v", SetArgs.Builder.ex(100))).isEqualTo("OK");
                assertThat(redis.get("k")).isEqualTo("v");
                redis.hset("h", Map.of("a", "1", "b", "2"));
                assertThat(redis.hgetall("h")).isEqualTo(Map.of("a", "1", "b", "2"));
                redis.multi();
                redis.incr("n");
                redis.incr("n");
                assertThat(redis.exec().stream().toList()).isEqualTo(List.of(1L, 2L));
                LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
                subscriber.addListener(new RedisPubSubAdapter<>() {
                    @Override
                    public void message(String channel, String message) {
                        heard.add(channel + " " + message);
                    }
                });
                subscriber.sync().subscribe("news");
                assertThat(redis.publish("news", "hello")).isEqualTo(1);
                assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo("news hello");
            } finally {
                client.shutdown(0, 1, TimeUnit.SECONDS);
            }
        }
    }
}
