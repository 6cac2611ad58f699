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
    name=$(cat "$ROOT/.sluice/current")
    [ -f "$ROOT/.sluice/dist/$name/sluice-cli.jar" ] || return 1
    newer=$(cd "$ROOT" && find pom.xml .mvn sluice-*/pom.xml sluice-*/src/main \
        -newer ".sluice/dist/$name/started" -print 2>/dev/null | head -n 1)
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
    mv "$ROOT/.sluice/started.new" "$DIST/started"
    printf '%s\n' "$name" >"$ROOT/.sluice/current.new"
    mv "$ROOT/.sluice/current.new" "$ROOT/.sluice/current"
    # A server may still run from one of the last few.
    for old in $(ls -1 "$ROOT/.sluice/dist" | sort -r | tail -n +5); do
        rm -rf "$ROOT/.sluice/dist/$old"
    done
}

# The class path of DIST, in an order that stays: a class data archive holds for one class path only.
dist_classpath() {
    local jar path=$DIST/sluice-cli.jar
    for jar in "$DIST"/*.jar; do
        [ "$jar" = "$DIST/sluice-cli.jar" ] || path=$path:$jar
    done
    printf '%s\n' "$path"
}

# A loop allocates nothing while it serves, so the plainest collector, with the cheapest barriers, serves it best, and a
# small young generation keeps the garbage of a beginning from staying in memory (docs/performance.md has the figures).
GC_FLAGS="-XX:+UseSerialGC -Xmn16m"

# Sets JVM_FLAGS: what every start of Sluice passes to the JVM. Native access is for the kernel's calls;
# java.lang is opened because the virtual model schedules its virtual threads on its own loops.
dist_flags() {
    JVM_FLAGS=(
        --enable-native-access=ALL-UNNAMED
        --add-opens=java.base/java.lang=ALL-UNNAMED
        -XX:+UseCompactObjectHeaders
        ${SLUICE_GC_FLAGS:-$GC_FLAGS}
    )
    ARCHIVE=$DIST/classes-$JDK_VERSION.jsa
    if [ -f "$ARCHIVE" ]; then
        # Only a hint: where it doesn't fit (other flags in SLUICE_JAVA_OPTS), the JVM starts without it.
        JVM_FLAGS+=("-XX:SharedArchiveFile=$ARCHIVE" -Xshare:auto -Xlog:cds=off -Xlog:cds+dynamic=off)
    fi
}

# How long the run that is archived may take.
ARCHIVE_TENTHS=300

# Whether archive_classes has been here: it tries once, and what it couldn't do it leaves.
archive_tried() {
    [ -f "$DIST/archive-$JDK_VERSION.log" ]
}

# Stores the classes of a short run, parsed and linked, so that later starts are quick. Made once a build and
# JDK; a failure costs only the speed, and its log stays beside the jars.
archive_classes() {
    ! archive_tried || return 0
    local unfinished=$DIST/classes.$$.jsa
    dist_flags
    "$JDK/bin/java" "${JVM_FLAGS[@]}" "-XX:ArchiveClassesAtExit=$unfinished" -Xlog:cds=off \
        -Xlog:cds+dynamic=off -cp "$(dist_classpath)" dev.sluice.cli.Main models \
        >"$DIST/archive-$JDK_VERSION.log" 2>&1 </dev/null 9>&- &
    local run=$! tenths=0
    while kill -0 "$run" 2>/dev/null && [ "$tenths" -lt "$ARCHIVE_TENTHS" ]; do
        sleep 0.1
        tenths=$((tenths + 1))
    done
    # A run that hangs must hold up neither this start nor, with its output, whoever reads ours.
    kill -9 "$run" 2>/dev/null || true
    if wait "$run" 2>/dev/null && [ -f "$unfinished" ]; then
        mv "$unfinished" "$DIST/classes-$JDK_VERSION.jsa"
    fi
    rm -f "$unfinished"
}

require_maven() {
    command -v mvn >/dev/null && return 0
    echo "${0##*/}: Sluice is built with Maven 3.6.3 or newer, and there is no mvn on the PATH. Install it" \
        "(Debian: apt-get install maven; macOS: brew install maven; or from maven.apache.org)." >&2
    exit 1
}
