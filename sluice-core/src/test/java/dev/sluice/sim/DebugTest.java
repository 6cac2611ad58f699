package dev.sluice.sim;

import org.junit.jupiter.api.Test;

class DebugTest {
    @Test
    void one() {
        String b = System.getProperty("dbg.beneath");
        String c = "#" + System.getProperty("dbg.c") + " ";
        try (World world = World.builder(Long.getLong("dbg.seed"))
                .beneath(Beneath.valueOf(b))
                .reader(l -> {
                    if (l.contains(c)) System.out.println(l);
                })
                .build()) {
            AnythingTest.run(world);
        } catch (WorldFailure e) {
            System.out.println(e.what());
        }
    }
}
