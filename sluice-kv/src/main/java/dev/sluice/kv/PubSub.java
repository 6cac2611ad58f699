package dev.sluice.kv;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Channels and patterns, and who has subscribed to them. */
final class PubSub {
    private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PMESSAGE = "pmessage".getBytes(StandardCharsets.US_ASCII);

    private final Map<Bytes, Set<Client>> channels = new LinkedHashMap<>();
    private final Map<Bytes, Set<Client>> patterns = new LinkedHashMap<>();
    private final Replies message = new Replies();

    boolean subscribe(Client client, Bytes channel) {
        return client.channels().add(channel)
                && channels.computeIfAbsent(channel, none -> new LinkedHashSet<>())
                        .add(client);
    }

    boolean subscribePattern(Client client, Bytes pattern) {
        return client.patterns().add(pattern)
                && patterns.computeIfAbsent(pattern, none -> new LinkedHashSet<>())
                        .add(client);
    }

    boolean unsubscribe(Client client, Bytes channel) {
        return client.channels().remove(channel) && remove(channels, channel, client);
    }

    boolean unsubscribePattern(Client client, Bytes pattern) {
        return client.patterns().remove(pattern) && remove(patterns, pattern, client);
    }

    private static boolean remove(Map<Bytes, Set<Client>> from, Bytes name, Client client) {
        Set<Client> all = from.get(name);
        if (all == null || !all.remove(client)) {
            return false;
        }
        if (all.isEmpty()) {
            from.remove(name);
        }
        return true;
    }

    /** Forgets a client. */
    void leave(Client client) {
        if (client.channels != null) {
            List.copyOf(client.channels).forEach(channel -> unsubscribe(client, channel));
        }
        if (client.patterns != null) {
            List.copyOf(client.patterns).forEach(pattern -> unsubscribePattern(client, pattern));
        }
    }

    /**
     * Sends a message to all who want it.
     *
     * @param current the client whose command it is; it is told in front of that command's reply
     * @return how many were sent
     */
    int publish(Bytes channel, byte[] text, Client current, Replies replies) {
        int count = 0;
        for (Client client : channels.getOrDefault(channel, Set.of())) {
            Replies to = client == current ? replies : message;
            begin(to, client);
            to.push(3);
            to.bulk(MESSAGE);
            to.bulk(channel.array());
            to.bulk(text);
            send(to, client);
            count++;
        }
        for (Map.Entry<Bytes, Set<Client>> entry : patterns.entrySet()) {
            if (!Glob.matches(entry.getKey().array(), channel.array())) {
                continue;
            }
            for (Client client : entry.getValue()) {
                Replies to = client == current ? replies : message;
                begin(to, client);
                to.push(4);
                to.bulk(PMESSAGE);
                to.bulk(entry.getKey().array());
                to.bulk(channel.array());
                to.bulk(text);
                send(to, client);
                count++;
            }
        }
        return count;
    }

    private void begin(Replies to, Client client) {
        if (to == message) {
            message.clear();
            message.protocol = client.protocol;
        }
    }

    private void send(Replies to, Client client) {
        if (to == message && client.outlet != null) {
            client.outlet.push(message.bytes, 0, message.size);
        }
    }

    /** The channels that somebody has subscribed to. */
    Set<Bytes> channels() {
        return channels.keySet();
    }

    int subscribers(Bytes channel) {
        return channels.getOrDefault(channel, Set.of()).size();
    }

    int patterns() {
        return patterns.size();
    }
}
