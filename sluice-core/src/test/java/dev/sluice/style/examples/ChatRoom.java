package dev.sluice.style.examples;

import dev.sluice.Connection;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Who is in the chat. What one says goes to all; who takes too little of it is closed and counted. */
public final class ChatRoom {
    // example:begin
    private static final int MOST_QUEUED_BYTES = 256 * 1024;

    private final Set<Member> members = ConcurrentHashMap.newKeySet();
    private final LongAdder slow = new LongAdder();

    /** Somebody who listens; for use in the connection's domain. */
    public Member join(Connection connection) {
        Member member = new Member(connection);
        members.add(member);
        return member;
    }

    /** Somebody is gone. */
    public void leave(Member member) {
        members.remove(member);
    }

    /** Tells all a line; from any thread. */
    public void say(String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.ISO_8859_1);
        for (Member member : members) {
            if (!member.connection.execute(() -> member.hear(bytes))) {
                member.late = true; // closed, or so far behind that its queue of tasks is full
            }
        }
    }

    /** Somebody in the room. */
    public final class Member {
        private final Connection connection;
        private volatile boolean late;

        private Member(Connection connection) {
            this.connection = connection;
        }

        /** In the connection's domain. */
        private void hear(byte[] bytes) {
            if (late || connection.queuedBytes() + bytes.length > MOST_QUEUED_BYTES) {
                if (members.remove(this)) {
                    slow.increment();
                    connection.abort();
                }
            } else {
                connection.write(bytes, 0, bytes.length);
            }
        }
    }
    // example:end

    /** How many are in the room. */
    public int count() {
        return members.size();
    }

    /** How many were closed since they took too little. */
    public long slowCount() {
        return slow.sum();
    }
}
