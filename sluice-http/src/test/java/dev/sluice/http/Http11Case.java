package dev.sluice.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A case of Http11Probe's suites: a raw request, and the answers that are accepted, in order of preference.
 *
 * @param request every byte to send, with {@code {host}} for the Host field's value
 * @param expect outcomes; the first whose every condition holds gives the verdict
 */
public record Http11Case(String id, String level, boolean scored, byte[] request, List<Map<String, Object>> expect) {
    /** How an answer is judged. */
    public enum Verdict {
        PASS,
        WARN,
        FAIL
    }

    /** The cases, all of them. */
    @SuppressWarnings("unchecked") // the shape of our own test data
    public static List<Http11Case> load() {
        try (InputStream in = Http11Case.class.getResourceAsStream("/http11.json")) {
            if (in == null) {
                throw new IllegalStateException("no resource http11.json");
            }
            List<Object> cases = (List<Object>) Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            return cases.stream().map(c -> of((Map<String, Object>) c)).toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("unchecked") // the shape of our own test data
    private static Http11Case of(Map<String, Object> json) {
        return new Http11Case(
                (String) json.get("id"),
                (String) json.get("level"),
                (Boolean) json.get("scored"),
                Base64.getDecoder().decode((String) json.get("request_base64")),
                (List<Map<String, Object>>) (List<?>) (List<Object>) json.get("expect"));
    }

    /** The request to a host. */
    public byte[] requestTo(String host) {
        return new String(request, StandardCharsets.ISO_8859_1)
                .replace("{host}", host)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Judges what came back. */
    public Verdict judge(RawResponse answer) {
        for (Map<String, Object> outcome : expect) {
            if (outcome.entrySet().stream().allMatch(condition -> holds(condition.getKey(), outcome, answer))) {
                return "warn".equals(outcome.get("verdict")) ? Verdict.WARN : Verdict.PASS;
            }
        }
        return Verdict.FAIL;
    }

    private static boolean holds(String condition, Map<String, Object> outcome, RawResponse answer) {
        Object value = outcome.get(condition);
        return switch (condition) {
            case "verdict" -> true;
            case "status" -> ((List<?>) value).contains((double) answer.status());
            case "statusRange" -> {
                List<?> range = (List<?>) value;
                yield answer.status() >= (Double) range.get(0) && answer.status() <= (Double) range.get(1);
            }
            case "thenClose" -> answer.closed();
            case "close" -> answer.status() == 0 && answer.closed();
            case "silence" -> answer.status() == 0 && !answer.closed();
            case "header" -> answer.header((String) value) != null;
            case "headerAbsent" -> answer.header((String) value) == null;
            case "headerMatches" -> {
                String found = answer.header((String) outcome.get("header"));
                yield found != null
                        && Pattern.compile((String) value).matcher(found).find();
            }
            case "body" -> chomp(answer.body()).equals(chomp((String) value));
            case "bodyLacks" ->
                !answer.body().toLowerCase(Locale.ROOT).contains(((String) value).toLowerCase(Locale.ROOT));
            default -> throw new IllegalArgumentException("condition " + condition);
        };
    }

    private static String chomp(String text) {
        return text.replaceFirst("[\r\n]+$", "");
    }

    @Override
    public String toString() {
        return id;
    }
}
