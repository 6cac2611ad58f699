package dev.sluice.kv;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The command at hand, with all that its handler works with; one for each store, used for command after command. */
final class Call {
    final Store store;
    final Replies replies;
    final Effects effects;
    private @Nullable Client client;
    private @Nullable Command command;
    private @Nullable Arguments arguments;
    private @Nullable Database database;
    private int mark;

    Call(Store store, Replies replies, Effects effects) {
        this.store = store;
        this.replies = replies;
        this.effects = effects;
    }

    void begin(Client byClient, Command now, Arguments with) {
        client = byClient;
        command = now;
        arguments = with;
        database = store.database(byClient.database);
        mark = replies.size;
    }

    Client client() {
        return Objects.requireNonNull(client);
    }

    Command command() {
        return Objects.requireNonNull(command);
    }

    Arguments arguments() {
        return Objects.requireNonNull(arguments);
    }

    /** Where the command's reply begins. */
    int mark() {
        return mark;
    }

    /** The client's. */
    Database database() {
        return Objects.requireNonNull(database);
    }

    /** The name under which errors tell of the command. */
    String name() {
        return command().name();
    }

    /** Begins an effect in the client's database; see {@link Effects#command}. */
    void effect(byte[] name, int count) {
        effects.command(database().number(), name, count);
    }

    /** A key was changed: whoever watches it is told. */
    void modified(int key) {
        store.modified(database().number(), arguments(), key);
    }
}
