package dev.sluice.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** What the Flight Recorder has so far. */
public final class Recorded {
    private Recorded() {}

    /** The events of a name, as in {@code dev.sluice.Accept}; the file that they go through stays in the folder. */
    public static List<RecordedEvent> named(Recording recording, Path folder, String name) throws IOException {
        Path file = Files.createTempFile(folder, "events", ".jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }
}
