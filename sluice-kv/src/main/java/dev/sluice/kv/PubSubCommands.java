package dev.sluice.kv;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Subscribing and publishing. */
final class PubSubCommands {
    private PubSubCommands() {}

    static void subscribe(Call call) {
        for (int i = 1; i < call.arguments().count(); i++) {
            Bytes name = new Bytes(call.arguments().bytes(i));
            call.store.pubSub.subscribe(call.client(), name);
            confirm(call, "subscribe", name);
        }
    }

    static void psubscribe(Call call) {
        for (int i = 1; i < call.arguments().count(); i++) {
            Bytes name = new Bytes(call.arguments().bytes(i));
            call.store.pubSub.subscribePattern(call.client(), name);
            confirm(call, "psubscribe", name);
        }
    }

    static void unsubscribe(Call call) {
        Client client = call.client();
        for (Bytes name : named(call, client.channels)) {
            call.store.pubSub.unsubscribe(client, name);
            confirm(call, "unsubscribe", name);
        }
        if (call.arguments().count() == 1) {
            nothing(call, "unsubscribe");
        }
    }

    static void punsubscribe(Call call) {
        Client client = call.client();
        for (Bytes name : named(call, client.patterns)) {
            call.store.pubSub.unsubscribePattern(client, name);
            confirm(call, "punsubscribe", name);
        }
        if (call.arguments().count() == 1) {
            nothing(call, "punsubscribe");
        }
    }

    /** The names that a command has, or all there are where it has none. */
    private static List<Bytes> named(Call call, @Nullable Set<Bytes> all) {
        Arguments arguments = call.arguments();
        if (arguments.count() == 1) {
            return all == null ? List.of() : List.copyOf(all);
        }
        return IntStream.range(1, arguments.count())
                .mapToObj(i -> new Bytes(arguments.bytes(i)))
                .toList();
    }

    private static void confirm(Call call, String what, Bytes name) {
        call.replies.push(3);
        call.replies.bulk(what);
        call.replies.bulk(name.array());
        call.replies.integer(call.client().subscriptions());
    }

    /** Unsubscribing from everything is answered though there was nothing. */
    private static void nothing(Call call, String what) {
        if (call.replies.size > call.mark()) {
            return;
        }
        call.replies.push(3);
        call.replies.bulk(what);
        call.replies.none();
        call.replies.integer(call.client().subscriptions());
    }

    static void publish(Call call) {
        Bytes channel = new Bytes(call.arguments().bytes(1));
        call.replies.integer(
                call.store.pubSub.publish(channel, call.arguments().bytes(2), call.client(), call.replies));
    }

    static void pubsub(Call call) {
        Arguments arguments = call.arguments();
        int count = arguments.count();
        switch (Subcommands.of(call)) {
            case "channels" -> {
                if (count > 3) {
                    throw CommandException.arity("pubsub|channels");
                }
                List<Bytes> channels = call.store.pubSub.channels().stream()
                        .filter(name -> count == 2 || Glob.matches(arguments.bytes(2), name.array()))
                        .toList();
                call.replies.array(channels.size());
                channels.forEach(name -> call.replies.bulk(name.array()));
            }
            case "numsub" -> {
                call.replies.array((count - 2) * 2L);
                for (int i = 2; i < count; i++) {
                    Bytes name = new Bytes(arguments.bytes(i));
                    call.replies.bulk(name.array());
                    call.replies.integer(call.store.pubSub.subscribers(name));
                }
            }
            case "numpat" -> call.replies.integer(call.store.pubSub.patterns());
            default ->
                Subcommands.help(
                        call,
                        List.of(
                                "CHANNELS [<pattern>]",
                                "    Return the currently active channels matching a <pattern> (default: '*').",
                                "NUMPAT",
                                "    Return number of subscriptions to patterns.",
                                "NUMSUB [<channel> ...]",
                                "    Return the number of subscribers for the specified channels."));
        }
    }
}
