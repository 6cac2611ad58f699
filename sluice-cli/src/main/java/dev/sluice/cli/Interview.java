package dev.sluice.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Asks what {@code sluice advise} must know, and gives the answers as its options. */
final class Interview {
    private static final String YES = "yes";

    private record Question(String text, String option, String form, String otherwise) {}

    private static final String DURATION = "\\d{1,9}(\\.\\d+)?(ns|us|ms|s|m|h)?";

    private static final List<Question> QUESTIONS = List.of(
            new Question("How many connections are open at once?", "--connections", "[1-9]\\d{0,7}", "64"),
            new Question("Which share of them is active (as in 5%)?", "--active", "\\d{1,3}(\\.\\d+)?%?", "100%"),
            new Question("How many requests a second (0: as many as it can)?", "--rate", "\\d{1,9}", "0"),
            new Question("How long does a handler compute (as in 200us)?", "--cpu-per-request", DURATION, "0"),
            new Question("How long does it wait for others (as in 10ms)?", "--block-per-request", DURATION, "0"),
            new Question("Which time must 99 % of answers keep (empty: none)?", "--tail", DURATION, ""),
            new Question("How much memory may it take (as in 512m; empty: any)?", "--memory", "\\d+[kmg]?", ""),
            new Question("Must handlers be sequential code (yes or no)?", "--sequential", "yes|no", "no"),
            new Question(
                    "Which systems must it run on (linux, macos, windows)?",
                    "--systems",
                    "(linux|macos|windows)(,(linux|macos|windows))*",
                    "linux"));

    private Interview() {}

    /** Asks each until it has an answer; the end of input takes what stands in brackets for the rest. */
    static List<String> ask(PrintWriter out, BufferedReader in) throws IOException {
        List<String> options = new ArrayList<>();
        for (Question question : QUESTIONS) {
            String answer = answer(question, out, in);
            if (question.form().equals("yes|no")) {
                if (answer.equals(YES)) {
                    options.add(question.option());
                }
            } else if (!answer.isEmpty()) {
                options.add(question.option() + "=" + answer);
            }
        }
        return options;
    }

    private static String answer(Question question, PrintWriter out, BufferedReader in) throws IOException {
        while (true) {
            out.print(question.text() + " [" + question.otherwise() + "] ");
            out.flush();
            String line = in.readLine();
            String answer = line == null ? "" : line.strip().replace(" ", "");
            if (answer.isEmpty()) {
                return question.otherwise();
            }
            if (Pattern.matches(question.form(), answer)) {
                return answer;
            }
            out.println("'" + answer + "' is no answer to that.");
        }
    }
}
