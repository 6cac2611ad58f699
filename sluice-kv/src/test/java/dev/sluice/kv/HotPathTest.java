package dev.sluice.kv;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is done for every request allocates nothing. */
class HotPathTest {
    private static final int DEPTH = 16;
    private static final int BATCHES = 20_000;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET key",
                "SET key value",
                "INCR n",
                "HSET h f v",
                "HGET h f",
                "PING",
                "EXISTS key",
                "MSET a 1 b 2",
                "SET key value PX 100000"
            })
    void allocatesNothing(String line) throws Exception {
        Store store = new Store(StoreOptions.builder().shared(false).seed(1).build());
        store.begin(1_000_000);
        Client client = store.addClient(null, 1_000_000);
        byte[] request = RespClient.request(line.split(" "));
        ByteBuffer batch = ByteBuffer.allocateDirect(request.length * DEPTH);
        for (int i = 0; i < DEPTH; i++) {
            batch.put(request);
        }
        run(store, client, batch, BATCHES);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        run(store, client, batch, BATCHES);
        double each = (threads.getCurrentThreadAllocatedBytes() - before) / (double) (BATCHES * DEPTH);
        // The options of SET are an object until the last compiler has seen it.
        assertThat(each).as("bytes a command").isLessThan(line.contains("PX") ? 64 : 1);
    }

    private static void run(Store store, Client client, ByteBuffer batch, int count) throws ProtocolException {
        RequestParser parser = store.parser;
        for (int i = 0; i < count; i++) {
            batch.flip();
            store.replies.clear();
            parser.fill(batch);
            while (parser.next(1 << 20, false)) {
                store.executor().execute(client, parser.arguments);
            }
            parser.clear();
            batch.position(batch.limit());
        }
    }
}
