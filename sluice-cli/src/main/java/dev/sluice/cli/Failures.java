package dev.sluice.cli;

import dev.sluice.UnavailableException;
import dev.sluice.lab.load.LoadException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** How a command's failure is told: one line that names the cause and the cure. */
final class Failures {
    private Failures() {}

    /** What could not start, or came to nothing; its message is fit for the user. */
    static final class StartException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StartException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Why a file can't be read or written: some exceptions of the file system name the file alone. */
    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException none -> "there is no file " + none.getMessage();
            case AccessDeniedException denied -> "this user may not open " + denied.getMessage();
            case CharacterCodingException _ -> "it is not text in UTF-8";
            default -> String.valueOf(e.getMessage());
        };
    }

    /** The command line was wrong: status 2. */
    static int wrongParameter(ParameterException failure, String[] arguments) {
        CommandLine line = failure.getCommandLine();
        String text = oneLine(failure.getMessage());
        if (failure instanceof UnmatchedArgumentException unmatched) {
            List<String> near = unmatched.getSuggestions();
            if (!near.isEmpty()) {
                text += "; did you mean " + near.getFirst() + "?";
            }
        }
        String command = line.getCommandSpec().qualifiedName();
        line.getErr().println(command + ": " + text + " ('" + command + " --help' tells the options)");
        return ExitCode.USAGE;
    }

    /** The command failed: status 1, or 2 where its options don't go together. */
    static int failedCommand(Exception failure, CommandLine line, ParseResult parsed) {
        PrintWriter err = line.getErr();
        String command = line.getCommandSpec().qualifiedName();
        switch (failure) {
            case StartException _, LoadException _ -> {
                err.println(command + ": " + oneLine(failure.getMessage()));
                return ExitCode.SOFTWARE;
            }
            case UnavailableException e -> {
                err.println(command + ": " + oneLine(e.getMessage()) + " ('sluice models' tells what runs here)");
                return ExitCode.SOFTWARE;
            }
            case IllegalArgumentException e -> {
                err.println(command + ": " + oneLine(e.getMessage()) + " ('" + command + " --help' tells the options)");
                return ExitCode.USAGE;
            }
            default -> {
                // A mistake of ours: its stack is what we need to mend it.
                err.println(command + ": failed in a way that it shouldn't; please report this:");
                failure.printStackTrace(err);
                return ExitCode.SOFTWARE;
            }
        }
    }

    private static String oneLine(@Nullable String message) {
        return message == null ? "no reason was given" : message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
