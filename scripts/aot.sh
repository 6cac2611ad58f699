# Sourced by ./sluice and ./check, after build.sh: the AOT cache (JEP 483 and 514) that makes starts quick. It holds the
# classes of a short training, loaded and linked.
#
# It could hold profiles of their methods too (JEP 515), and must not: the compiler then trusts what was counted in some
# hundred requests of five models, takes calls that each request makes for rare ones, and leaves them out of line for as
# long as the server runs. That made a request's user time a fifth to a third longer (docs/performance.md).
#
# A JVM refuses a cache that was made by another build of the JDK, or with other modules or another layout of the heap.
# So there is one for each, beside the jars, made when it is first missing: N.aot, with N.key, that says what for.

# How long each of the two steps of making one may take.
AOT_TENTHS=300

# What keeps profiles out. The switch is one of diagnosis, so it needs the one before it, and another JDK may not have it.
AOT_NO_PROFILES="-XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining"

# Sets AOT_KEYED to those of some JVM flags that a cache depends on: all but those that were tried not to matter. Below
# 32 GB a reference takes 32 bits, whatever the heap's size.
keep_keyed() {
    local flag
    AOT_KEYED=
    for flag; do
        case $flag in
            -D* | -Xlog* | -Xss* | -Xms* | -Xmn* | -ea* | -da* | -agent* | -javaagent* | -verbose*) ;;
            -Xmx*[kK] | -Xmx?[mM] | -Xmx??[mM] | -Xmx???[mM] | -Xmx????[mM]) ;;
            -Xmx?[gG] | -Xmx[12]?[gG] | -Xmx3[01][gG]) ;;
            *) AOT_KEYED="$AOT_KEYED $flag" ;;
        esac
    done
}

# find_cache: whether a cache for DIST, the JDK and the flags was made, or tried to. Sets AOT_CACHE to it, AOT_KEY to
# what it is for, and AOT_KEYED to the flags to make it with.
# shellcheck disable=SC2086 # several words each
find_cache() {
    local file key
    keep_keyed ${JAVA_TOOL_OPTIONS:-} ${JDK_JAVA_OPTIONS:-}
    AOT_KEY="JDK $JDK_BUILD$AOT_KEYED"
    keep_keyed $GC_FLAGS ${SLUICE_JAVA_OPTS:-}
    AOT_KEY="$AOT_KEY$AOT_KEYED"
    AOT_CACHE=
    for file in "$DIST"/*.key; do
        if [ -f "$file" ] && IFS= read -r key <"$file" && [ "$key" = "$AOT_KEY" ]; then
            AOT_CACHE=${file%.key}.aot
            return 0
        fi
    done
    return 1
}

# Makes the cache that find_cache didn't find. What fails costs only speed; it isn't tried again, and its log stays.
make_cache() {
    local begun=$SECONDS number=1
    while [ -e "$DIST/$number.key" ]; do number=$((number + 1)); done
    AOT_CACHE=$DIST/$number.aot
    local log=$DIST/$number.log unfinished=$DIST/$number.unfinished
    # shellcheck disable=SC2206 # several words
    local java=("$JDK/bin/java" "${JVM_FLAGS[@]}" $AOT_KEYED $AOT_NO_PROFILES -cp "$CLASS_PATH" "-XX:AOTConfiguration=$unfinished.conf")
    echo "making the start-up cache for $AOT_KEY…" >&2
    if within "$AOT_TENTHS" "${java[@]}" -XX:AOTMode=record dev.sluice.cli.Training >"$log" 2>&1 &&
        within "$AOT_TENTHS" "${java[@]}" -XX:AOTMode=create "-XX:AOTCache=$unfinished" >>"$log" 2>&1 &&
        mv "$unfinished" "$AOT_CACHE" 2>>"$log"; then
        echo "made in $((SECONDS - begun)) s" >&2
    else
        echo "it could not be made, so starts take longer; $log tells why" >&2
    fi
    rm -f "$unfinished" "$unfinished.conf"
    printf '%s\n' "$AOT_KEY" >"$DIST/$number.key"
}

# within TENTHS COMMAND…: runs a command for so many tenths of a second at most. One that hangs must hold up neither
# this start nor, with its output, whoever reads ours.
within() {
    local tenths=$1
    shift
    "$@" </dev/null 9>&- &
    local run=$!
    while kill -0 "$run" 2>/dev/null && [ "$tenths" -gt 0 ]; do
        sleep 0.1
        tenths=$((tenths - 1))
    done
    kill -9 "$run" 2>/dev/null || true
    wait "$run" 2>/dev/null
}
