package dev.sluice.lab.report;

import java.util.List;
import java.util.regex.Pattern;

/** Words from elsewhere, and lists of them. */
final class Text {
    /** What would steer a terminal, or turn the direction of the text around it. */
    private static final Pattern STEERING = Pattern.compile("[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069]");

    private Text() {}

    /** A name or sentence that came from a file, without characters that steer. */
    static String plain(String text) {
        return STEERING.matcher(text).replaceAll("?");
    }

    /** "a", "a and b", "a, b and c". */
    static String list(List<String> words) {
        if (words.size() < 2) {
            return String.join("", words);
        }
        return String.join(", ", words.subList(0, words.size() - 1)) + " and " + words.getLast();
    }

    /** The form of a verb or noun that goes with a number of things. */
    static String form(int count, String one, String several) {
        return count == 1 ? one : several;
    }

    /** Breaks a paragraph into lines of at most so many characters; further lines are indented by two. */
    static String wrap(String paragraph, int width) {
        StringBuilder text = new StringBuilder();
        int column = 0;
        for (String word : paragraph.split(" ")) {
            if (column > 0 && column + 1 + word.length() > width) {
                text.append("\n  ");
                column = 2;
            } else if (column > 0) {
                text.append(' ');
                column++;
            }
            text.append(word);
            column += word.length();
        }
        return text.toString();
    }
}
