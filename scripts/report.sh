# Sourced by ./check: reads Surefire's reports of all modules.

# test_progress: of Maven's output, prints a line for each test class as it ends. In the shell, since some awks
# read a pipe in blocks, and the lines would come long after the tests.
test_progress() {
    local line mark
    local form='Tests run: ([0-9]+), Failures: ([0-9]+), Errors: ([0-9]+), Skipped: ([0-9]+), Time elapsed: ([0-9.,]+ s).* -- in ([^ ]+)'
    while IFS= read -r line; do
        if [[ $line =~ $form ]]; then
            mark='ok  '
            [ "${BASH_REMATCH[2]}${BASH_REMATCH[3]}" = 00 ] || mark=FAIL
            printf '[%4d s] %s %s: %d run, %d failed, %d skipped (%s)\n' "$SECONDS" "$mark" "${BASH_REMATCH[6]}" \
                "${BASH_REMATCH[1]}" $((BASH_REMATCH[2] + BASH_REMATCH[3])) "${BASH_REMATCH[4]}" "${BASH_REMATCH[5]}"
        elif [[ $line == *'forked VM terminated'* || $line == *'There was a timeout'* ]]; then
            printf '%s\n' "$line"
        fi
    done
}

# report_files: the reports of all modules.
report_files() {
    find sluice-*/target/surefire-reports -name 'TEST-*.xml' 2>/dev/null | sort
}

# sum_reports: sets PASSED, FAILED, SKIPPED. A test class without a report (its JVM died) counts as failed.
sum_reports() {
    local counts report
    counts=$(report_files | while read -r report; do
        # The first element's attributes hold the class's counts.
        grep -m 1 '<testsuite ' "$report" | awk '{
            for (i = 1; i <= NF; i++)
                if (match($i, /^(tests|errors|skipped|failures)="[0-9]+"/)) {
                    split($i, pair, /="|"/); n[pair[1]] = pair[2]
                }
            print n["tests"], n["failures"] + n["errors"], n["skipped"]
        }'
    done | awk '{ t += $1; f += $2; s += $3 } END { print t - f - s, f + 0, s + 0 }')
    read -r PASSED FAILED SKIPPED <<<"$counts"

    MISSING=
    local class module name
    for class in $(find sluice-*/target/test-classes -name '*Test.class' ! -name '*$*' 2>/dev/null | sort); do
        module=${class%%/*}
        name=${class#*/test-classes/}
        name=${name%.class}
        name=${name//\//.}
        [ ! -f "$module/target/surefire-reports/TEST-$name.xml" ] || continue
        # An abstract class has no tests of its own; a removed test's class file may linger until "clean".
        [ -f "$module/src/test/java/${name//.//}.java" ] || continue
        ! grep -q "abstract class ${name##*.}" "$module/src/test/java/${name//.//}.java" || continue
        # The quick tier's profile in pom.xml leaves these out.
        ! { [ "$TIER" = quick ] && grep -q '^@Tag("slow")' "$module/src/test/java/${name//.//}.java"; } || continue
        MISSING="$MISSING $name"
        FAILED=$((FAILED + 1))
    done
}

# list_failures: the name and the first line of each failed test.
list_failures() {
    local report name
    report_files | while read -r report; do
        awk '
            /<testcase / {
                name = $0; sub(/.*<testcase name="/, "", name); sub(/".*/, "", name)
                class = $0; sub(/.*classname="/, "", class); sub(/".*/, "", class)
            }
            /<(failure|error)[ >]/ {
                message = $0
                if (!sub(/.*message="/, "", message)) sub(/.*type="/, "", message)
                sub(/".*/, "", message)
                print "FAILED " class "." name ": " substr(message, 1, 300)
            }' "$report"
    done | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#10;/ /g; s/&amp;/\&/g'
    for name in $MISSING; do
        echo "FAILED $name: no report, its JVM ended early or hung; see .sluice/tests.log"
    done
}

# list_skips: each reason for skipping, with how many tests it kept from running.
list_skips() {
    local report
    report_files | while read -r report; do
        awk '/<skipped/ {
            # @Disabled gives the reason as an attribute, an assumption as text of the exception.
            reason = $0
            if (sub(/.*<!\[CDATA\[[A-Za-z0-9.]*TestAbortedException: /, "", reason)) sub(/\]\]>.*/, "", reason)
            else if (sub(/.*message="/, "", reason)) sub(/".*/, "", reason)
            else reason = "no reason given"
            sub(/^Assumption failed: /, "", reason)
            print reason
        }' "$report"
    done | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#10;/ /g; s/&amp;/\&/g' |
        sort | uniq -c | sed 's/^ *\([0-9]*\) /skipped \1: /'
}
