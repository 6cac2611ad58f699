package dev.sluice.cli;

import dev.sluice.lab.preflight.Finding;
import dev.sluice.lab.preflight.Finding.Verdict;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.ExitCode;

/** What a pre-flight found, for a terminal. */
final class PreflightText {
    private PreflightText() {}

    /** Prints all of it; the exit status says whether it could go on. */
    static int print(List<Finding> findings, PrintWriter out) {
        findings.forEach(finding -> out.println(finding.line()));
        return findings.stream().anyMatch(finding -> finding.verdict() == Verdict.FATAL)
                ? ExitCode.SOFTWARE
                : ExitCode.OK;
    }

    /**
     * Prints what may go wrong.
     *
     * @throws Failures.StartException where something certainly would
     */
    static void require(List<Finding> findings, String what, PrintWriter err) {
        findings.stream()
                .filter(finding -> finding.verdict() == Verdict.WARNING)
                .forEach(finding -> err.println(finding.line()));
        err.flush();
        String fatal = findings.stream()
                .filter(finding -> finding.verdict() == Verdict.FATAL)
                .map(Finding::line)
                .collect(Collectors.joining("; "));
        if (!fatal.isEmpty()) {
            throw new Failures.StartException(what + ": " + fatal, null);
        }
    }
}
