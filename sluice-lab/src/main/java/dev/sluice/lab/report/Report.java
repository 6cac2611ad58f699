package dev.sluice.lab.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.lab.compare.Results;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The report: one HTML file that needs no network. Styles, scripts and data are put into it when it is written, and its own
 * Content-Security-Policy lets nothing else run or load: only what has the hashes that are written into it.
 */
public final class Report {
    private static final List<String> STYLES = List.of("uplot/uPlot.min.css", "report.css");
    private static final List<String> SCRIPTS =
            List.of("uplot/uPlot.iife.min.js", "dom.js", "charts.js", "tables.js", "report.js");

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final Pattern MARK = Pattern.compile("\\{\\{(\\w+)}}");

    private Report() {}

    /**
     * Writes the report of one run, or of two side by side.
     *
     * @param htmlFile overwritten if it is there
     * @throws IOException as from the file system
     * @throws IllegalArgumentException for no run, more than two, or two that have nothing in common
     */
    public static void write(List<Results> runs, Path htmlFile) throws IOException {
        Files.writeString(htmlFile, html(runs));
    }

    static String html(List<Results> runs) {
        if (runs.isEmpty() || runs.size() > 2) {
            throw new IllegalArgumentException("a report shows one run or two, not " + runs.size());
        }
        if (runs.stream().map(Subject::of).distinct().count() > 1) {
            throw new IllegalArgumentException("a report shows two runs of servers or two of a disk, not one of each");
        }
        String styles = join(STYLES);
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("policy", policy(styles));
        parts.put("styles", styles);
        parts.put("licence", resource("uplot/LICENSE"));
        parts.put("data", data(Page.of(runs)));
        parts.put(
                "scripts",
                SCRIPTS.stream()
                        .map(name -> "<script>" + resource(name) + "</script>")
                        .collect(Collectors.joining("\n")));
        // In one pass, so that nothing in a part is taken for a mark.
        return MARK.matcher(resource("report.html"))
                .replaceAll(mark -> Matcher.quoteReplacement(part(parts, mark.group(1))));
    }

    private static String part(Map<String, String> parts, String name) {
        String part = parts.get(name);
        if (part == null) {
            throw new IllegalStateException("report.html has the unknown mark " + name);
        }
        return part;
    }

    /**
     * JSON that can stand in a script element: inside strings alone can these characters occur, and there the escapes mean the
     * same, so that no name can end the element or begin a comment in it. All else beyond ASCII is escaped too.
     */
    static String data(Page page) {
        try {
            return JSON.writeValueAsString(page)
                    .replace("<", "\\u003c")
                    .replace(">", "\\u003e")
                    .replace("&", "\\u0026");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the page has data that JSON can't hold", e);
        }
    }

    private static String policy(String styles) {
        String scripts = SCRIPTS.stream().map(name -> hash(resource(name))).collect(Collectors.joining(" "));
        return "default-src 'none'; script-src " + scripts + "; style-src " + hash(styles)
                + "; img-src data:; base-uri 'none'; form-action 'none'";
    }

    private static String hash(String content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String join(List<String> names) {
        return names.stream().map(Report::resource).collect(Collectors.joining("\n"));
    }

    private static String resource(String name) {
        try (InputStream in = Report.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the jar's " + name + " can't be read", e);
        }
    }
}
