package dev.sluice.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StoreTest {
    private static void apply(Store store, String... words) {
        StringBuilder command = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            command.append('$')
                    .append(word.length())
                    .append("\r\n")
                    .append(word)
                    .append("\r\n");
        }
        store.apply(ByteBuffer.wrap(command.toString().getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void closingFreesEveryBlock() {
        Store store = new Store(StoreOptions.standard());
        long empty = store.usage.bytes();
        for (int i = 0; i < 1_000; i++) {
            apply(store, "SET", "key" + i, "value" + i);
            apply(store, "HSET", "hash", "field" + i, "value" + i);
        }
        assertThat(store.usage.bytes()).isGreaterThan(empty);
        store.close();
        assertThat(store.usage.bytes()).isEqualTo(empty);
    }
}
