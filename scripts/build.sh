# Sourced by ./sluice and ./check, after jdk.sh: builds Sluice into .sluice/dist and finds the newest build.
#
# A build never touches an earlier one's jars: a running server (and the worker processes that it starts
# later) keeps its own. ROOT is the project's folder.

# lock_build: waits until no other build of this folder runs. unlock_build ends it; so does the script's end.
lock_build() {
    mkdir -p "$ROOT/.sluice"
    if command -v flock >/dev/null; then
        exec 9>"$ROOT/.sluice/build.lock"
        flock -n 9 && return 0
        echo "waiting for another build of Sluice to end…" >&2
        flock 9
        return 0
    fi
    # macOS has no flock(1): a folder is the lock, and tells whose it is.
    local owner said=
    until mkdir "$ROOT/.sluice/build.lock.d" 2>/dev/null; do
        owner=$(cat "$ROOT/.sluice/build.lock.d/pid" 2>/dev/null || true)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$ROOT/.sluice/build.lock.d"
            continue
        fi
        [ -n "$said" ] || echo "waiting for another build of Sluice to end…" >&2
        said=yes
        sleep 1
    done
    echo $$ >"$ROOT/.sluice/build.lock.d/pid"
    trap unlock_build EXIT
}

unlock_build() {
    if command -v flock >/dev/null; then
        exec 9>&-
    else
        rm -rf "$ROOT/.sluice/build.lock.d"
        trap - EXIT
    fi
}

# Sets DIST to the newest build; fails when there is none or a source is newer. Folders count too: a file
# that was removed leaves no date but its folder's.
find_dist() {
    local name newer
    DIST=
    [ -f "$ROOT/.sluice/current" ] || return 1
    read -r name <"$ROOT/.sluice/current"
    [ -f "$ROOT/.sluice/dist/$name/sluice-cli.jar" ] || return 1
    newer=$(cd "$ROOT" && find pom.xml .mvn scripts sluice-*/pom.xml sluice-*/src/main \
        -newer ".sluice/dist/$name/started" -print -quit 2>/dev/null)
    [ -z "$newer" ] || return 1
    DIST=$ROOT/.sluice/dist/$name
}

# begin_dist: to be called before the compiler reads the sources; a change made meanwhile is newer than that.
begin_dist() {
    mkdir -p "$ROOT/.sluice"
    touch "$ROOT/.sluice/started.new"
    rm -rf "$ROOT/sluice-cli/target/lib"
}

# finish_dist: takes over what Maven has packaged, and sets DIST to it.
finish_dist() {
    local name old
    name=$(date +%Y%m%d-%H%M%S)-$$
    DIST=$ROOT/.sluice/dist/$name
    mkdir -p "$DIST"
    cp "$ROOT/sluice-cli/target/sluice-cli.jar" "$ROOT"/sluice-cli/target/lib/*.jar "$DIST/"
    # Without it, starts take longer.
    "$JDK/bin/java" -cp "$DIST/sluice-cli.jar" dev.sluice.cli.ClassVersions "$DIST"/picocli-*.jar ||
        echo "sluice: picocli's classes stay as they are" >&2
    mv "$ROOT/.sluice/started.new" "$DIST/started"
    printf '%s\n' "$name" >"$ROOT/.sluice/current.new"
    mv "$ROOT/.sluice/current.new" "$ROOT/.sluice/current"
    # A server may still run from one of the last few.
    for old in $(ls -1 "$ROOT/.sluice/dist" | sort -r | tail -n +5); do
        rm -rf "$ROOT/.sluice/dist/$old"
    done
}

# What every start passes to the JVM. Native access is for the kernel's calls; java.lang is opened because the virtual
# model schedules its virtual threads on its own loops. A JVM whose heap is full ends: it would else live on without the
# loop or the acceptor that met the error, and listen to clients that it never answers.
JVM_FLAGS=(
    --enable-native-access=ALL-UNNAMED
    --add-opens=java.base/java.lang=ALL-UNNAMED
    -XX:+UseCompactObjectHeaders
    -XX:+ExitOnOutOfMemoryError
)
# The compiler's memory comes from malloc(3), and glibc keeps what is freed: some 14 MB of a start, until it is trimmed.
if [ "${OSTYPE:-}" = linux-gnu ]; then
    JVM_FLAGS+=(-XX:TrimNativeHeapInterval=1000)
fi

# A loop allocates nothing while it serves, so the plainest collector, with the cheapest barriers, serves it best, and a
# small young generation keeps the garbage of a beginning from staying in memory (docs/performance.md has the figures).
GC_FLAGS=${SLUICE_GC_FLAGS:--XX:+UseSerialGC -Xmn16m}

# Sets CLASS_PATH to the jars of DIST, in an order that stays: an AOT cache holds for one class path only.
dist_classpath() {
    local jar
    CLASS_PATH=$DIST/sluice-cli.jar
    for jar in "$DIST"/*.jar; do
        [ "$jar" = "$DIST/sluice-cli.jar" ] || CLASS_PATH=$CLASS_PATH:$jar
    done
}

require_maven() {
    command -v mvn >/dev/null && return 0
    echo "${0##*/}: Sluice is built with Maven 3.6.3 or newer, and there is no mvn on the PATH. Install it" \
        "(Debian: apt-get install maven; macOS: brew install maven; or from maven.apache.org)." >&2
    exit 1
}
