package dev.sluice.threading;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WorkerCommandTest {
    private static String[] line(String text) {
        return text.split(" ");
    }

    /** The JVM refuses an AOT cache, and says so on each start, where one of these differs from what it was made with. */
    @Test
    void whatAnAotCacheWasMadeWithGoesToEveryWorker() {
        String[] own = line("--enable-native-access=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED"
                + " --add-opens java.base/java.util=ALL-UNNAMED -XX:+UseCompactObjectHeaders -XX:AOTCache=1.aot"
                + " -Xlog:aot=off -Xmn16m -cp a.jar Main serve --add-opens=x/y=z");
        assertThat(WorkerCommand.ownFlags(own, false))
                .containsExactly(
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "--add-opens=java.base/java.util=ALL-UNNAMED",
                        "-XX:+UseCompactObjectHeaders",
                        "-XX:AOTCache=1.aot",
                        "-Xlog:aot=off");
    }

    @Test
    void memoryAndCompilersGoToWholeServersOnly() {
        String[] own = line("-Xmn2m -XX:TieredStopAtLevel=1 -Dsluice.x=y -Dother=z Main");
        assertThat(WorkerCommand.ownFlags(own, true))
                .containsExactly("-Xmn2m", "-XX:TieredStopAtLevel=1", "-Dsluice.x=y");
        assertThat(WorkerCommand.ownFlags(own, false)).containsExactly("-Dsluice.x=y");
    }
}
