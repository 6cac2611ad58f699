package dev.sluice.lab.report;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.lab.compare.Results;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** {@code results.json}: read with care, since it may come from anywhere, and written. */
public final class ResultsFile {
    /** What such a file is called. */
    public static final String NAME = "results.json";

    /** A longer file is refused; a long run's is a few megabytes. */
    static final int LIMIT_BYTES = 64 << 20;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // A later version of the same schema may tell more.
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private ResultsFile() {}

    /**
     * Reads a file.
     *
     * @throws IOException when it can't be read or is not what it should be; the message is one line for the user
     */
    public static Results read(Path file) throws IOException {
        byte[] bytes = bytes(file);
        try {
            requireSchema(bytes, file);
            Results results = JSON.readValue(bytes, Results.class);
            if (results == null) {
                throw new IOException(file + " is empty");
            }
            Whole.require(results, "");
            return results;
        } catch (JsonProcessingException e) {
            throw new IOException(file + " " + fault(e, bytes.length), e);
        } catch (Whole.LackException e) {
            throw new IOException(file + " is no results.json: " + e.getMessage(), e);
        }
    }

    /**
     * Writes a file, or replaces it in one step, so that who reads it, or ends us, meets whole results.
     *
     * @throws IOException as from the file system
     */
    public static void write(Results results, Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.write(part, JSON.writeValueAsBytes(results));
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * The newest results in any of a folder's own folders, where {@code sluice compare} leaves them.
     *
     * @throws IOException as from the file system
     */
    public static Optional<Path> newest(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        Path newest = null;
        try (DirectoryStream<Path> runs = Files.newDirectoryStream(folder)) {
            for (Path run : runs) {
                Path file = run.resolve(NAME);
                if (Files.isRegularFile(file)
                        && (newest == null
                                || Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(newest)) > 0)) {
                    newest = file;
                }
            }
        }
        return Optional.ofNullable(newest);
    }

    private static byte[] bytes(Path file) throws IOException {
        byte[] bytes;
        // Not by its size alone: that of a device or pipe tells nothing.
        try (InputStream in = Files.newInputStream(file)) {
            bytes = Files.size(file) > LIMIT_BYTES ? new byte[LIMIT_BYTES + 1] : in.readNBytes(LIMIT_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + file, e);
        } catch (AccessDeniedException e) {
            throw new IOException(file + " may not be read by this user", e);
        } catch (IOException e) {
            throw new IOException(file + " can't be read (" + e.getMessage() + ")", e);
        }
        if (bytes.length > LIMIT_BYTES) {
            throw new IOException(file + " is larger than " + (LIMIT_BYTES >> 20) + " MiB: that is no results.json");
        }
        return bytes;
    }

    /** Looks for the number first, so that another version's file is called that and not broken. */
    private static void requireSchema(byte[] bytes, Path file) throws IOException {
        try (JsonParser parser = JSON.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException(
                        file + " is no results.json: " + (bytes.length == 0 ? "it is empty" : "no object"));
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("schema") && value == JsonToken.VALUE_NUMBER_INT) {
                    if (!parser.getText().equals("" + Results.SCHEMA)) {
                        throw new IOException(file + " has schema " + parser.getText() + ", this program reads "
                                + Results.SCHEMA + ": use the version that wrote it");
                    }
                    return;
                }
                parser.skipChildren();
            }
            throw new IOException(file + " is no results.json: it has no schema number");
        }
    }

    private static String fault(JsonProcessingException e, int length) {
        // Jackson wraps what it met within a record.
        JsonProcessingException met =
                e instanceof JsonMappingException && e.getCause() instanceof JsonProcessingException inner ? inner : e;
        // A number or word that is cut is met as a wrong one, of which the file's last few bytes are the begin.
        boolean atEnd = met.getLocation() != null
                && met.getLocation().getByteOffset() >= Math.max(2, length - "false".length());
        if (met instanceof JsonEOFException || (atEnd && !(met instanceof JsonMappingException))) {
            return "ends too early, " + place(met) + ": it was cut off";
        }
        return met instanceof JsonMappingException wrong
                ? "is no results.json: " + path(wrong) + reason(wrong)
                : "is no JSON (" + place(met) + ": " + reason(met) + ")";
    }

    private static String place(JsonProcessingException e) {
        return e.getLocation() == null
                ? "at an unknown place"
                : "line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
    }

    private static String path(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : e.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.isEmpty() ? "" : path + ": ";
    }

    private static String reason(JsonProcessingException e) {
        String words = e.getOriginalMessage();
        return Text.plain(
                words == null
                        ? "no reason was given"
                        : words.lines().findFirst().orElse(""));
    }
}
