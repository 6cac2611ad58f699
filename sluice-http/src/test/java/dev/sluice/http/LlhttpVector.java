package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A case of llhttp's test suite, read from its Markdown: a heading names it, a comment says how to parse, a block holds
 * the input and another what the parser reports, at offsets into the input.
 *
 * @param name file, headings and all
 * @param type how to parse
 * @param input the bytes to parse
 * @param log what llhttp reports
 */
record LlhttpVector(String name, String type, byte[] input, List<String> log) {
    /** An error that the log reports: its offset, code and reason. */
    static final Pattern ERROR = Pattern.compile("off=(\\d+) error code=(\\d+) reason=\"(.*)\"");

    /** A code: data behind a message that closes the connection, which neither a session nor a client looks at. */
    static final int CLOSED_CONNECTION = 5;

    /** Codes: llhttp stops here, or was told to; it isn't that the input is wrong. */
    static final List<Integer> PAUSES = List.of(21, 22, 23);

    private static final Pattern META = Pattern.compile("<!--\\s*meta=\\{.*?\"type\"\\s*:\\s*\"([a-z-]+)\".*-->");
    private static final Pattern REPEAT = Pattern.compile("\\$\\{'(.*?)'\\.repeat\\((\\d+)\\)\\}");

    static List<LlhttpVector> load(String file) {
        List<LlhttpVector> vectors = new ArrayList<>();
        String[] headings = new String[6];
        String type = "";
        List<String> block = null;
        byte[] input = null;
        String language = "";
        for (String line : lines("/llhttp/" + file)) {
            if (block != null) {
                if (!line.startsWith("```")) {
                    block.add(line);
                    continue;
                }
                if (language.equals("log") && input != null) {
                    vectors.add(new LlhttpVector(name(file, headings), type, input, block));
                    input = null;
                } else if (!language.equals("log")) {
                    input = decode(block, language);
                }
                block = null;
            } else if (line.startsWith("```")) {
                language = line.substring(3).strip();
                block = new ArrayList<>();
            } else if (line.startsWith("#")) {
                int depth = line.length() - line.replaceFirst("^#+", "").length();
                headings[depth - 1] = line.substring(depth).strip();
                Arrays.fill(headings, depth, headings.length, null);
                type = language.equals("url") ? "url" : type;
            } else {
                Matcher meta = META.matcher(line);
                type = meta.find() ? meta.group(1) : type;
            }
        }
        return vectors;
    }

    /** All cases of some files but those that ask for lenience. */
    static Stream<LlhttpVector> strict(List<String> files) {
        return files.stream()
                .flatMap(file -> load(file).stream())
                .filter(vector -> !vector.type().contains("lenient"));
    }

    /** Holds that nothing differs, or that something does where the case is listed, with its reason. */
    void assertAgreesOrIsListed(String difference, Map<String, String> reasons) {
        if (reasons.containsKey(name)) {
            assertThat(difference).as("listed because: " + reasons.get(name)).isNotEmpty();
        } else {
            assertThat(difference).as(name).isEmpty();
        }
    }

    private static String name(String file, String[] headings) {
        StringBuilder name = new StringBuilder(file.replace("request/", "").replace(".md", ""));
        for (int i = 1; i < headings.length; i++) {
            if (headings[i] != null) {
                name.append(" / ").append(headings[i]);
            }
        }
        return name.toString();
    }

    private static List<String> lines(String resource) {
        try (InputStream in = LlhttpVector.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Text to bytes: joined lines, CR LF, escapes, and JavaScript's repeated strings. */
    private static byte[] decode(List<String> block, String language) {
        String text = String.join("\n", block).replace("\\\n", "");
        text = language.equals("url") ? text : text.replace("\n", "\r\n");
        text = REPEAT.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(found.group(1).repeat(Integer.parseInt(found.group(2)))));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
                continue;
            }
            char escaped = text.charAt(++i);
            switch (escaped) {
                case 'r' -> bytes.write('\r');
                case 'n' -> bytes.write('\n');
                case 't' -> bytes.write('\t');
                case 'f' -> bytes.write('\f');
                case 'x' -> {
                    bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
                    i += 2;
                }
                default -> {
                    Matcher octal = Pattern.compile("[0-7]{1,3}").matcher(text).region(i, text.length());
                    if (octal.lookingAt()) {
                        bytes.write(Integer.parseInt(octal.group(), 8));
                        i += octal.group().length() - 1;
                    } else {
                        bytes.write('\\');
                        bytes.write(escaped);
                    }
                }
            }
        }
        return bytes.toByteArray();
    }

    @Override
    public String toString() {
        return name;
    }
}
