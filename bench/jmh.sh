#!/usr/bin/env bash
# JMH's benchmarks: what pieces of the hot path cost in user mode, and what they allocate (gc.alloc.rate.norm).
#
#   bench/jmh.sh [NAME [OPTION ...]]     TurnBenchmark, RequestBenchmark, TimerBenchmark, or all; OPTIONs are JMH's (-h lists them)
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$ROOT/scripts/jdk.sh"
. "$ROOT/scripts/build.sh"
require_jdk
require_maven

name=${1:-Benchmark}
[ $# -eq 0 ] || shift
echo "building the benchmarks…" >&2
(cd "$ROOT" && JAVA_HOME=$JDK mvn -B -q -pl sluice-http -am test-compile \
    dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile=target/test.classpath) >&2
classes=$ROOT/sluice-http/target
exec "$JDK/bin/java" "${JVM_FLAGS[@]}" -cp "$classes/test-classes:$classes/classes:$(<"$classes/test.classpath")" \
    org.openjdk.jmh.Main "$name" -prof gc "$@"
