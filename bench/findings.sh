#!/usr/bin/env bash
# Measures what docs/findings.md tells, one run a section, and draws its plots.
#
#   bench/findings.sh [--keep DIR] [SECTION ...]     sections 1 to 10; all unless told, about half an hour
#
# Needs two cores and gnuplot (Debian: gnuplot-nox). Runs that DIR holds already are drawn again without being measured.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
keep=$ROOT/results/findings
if [ "${1:-}" = --keep ]; then
    keep=$2
    shift 2
fi
sections=${*:-1 2 3 4 5 6 7 8 9 10}
mkdir -p "$keep"

# compare NAME OPTION...: one run, where it was not run yet.
compare() {
    local name=$1
    shift
    if [ ! -f "$keep/$name/complete" ]; then
        echo "$name: ./sluice compare $*" >&2
        "$ROOT/sluice" compare "$@" --output "$keep/$name"
        touch "$keep/$name/complete"
    fi
}

short=(--warmup 2s --duration 3s)
# At a low rate a JVM needs longer until its code is compiled.
slow=(--warmup 8s --duration 4s)

section_1() {
    compare threads-events --models threads,virtual,epoll,io_uring --connections 10,100,1000,10000 --rounds 1 "${short[@]}"
}

section_2() {
    compare idle --models select,poll,epoll,io_uring --connections 8 --sweep load.idle=0,100,300,900,3000,10000 \
        --rounds 2 "${short[@]}"
}

section_3() {
    compare sleep --models sleep-poll --connections 16 --set load.rate=1000 \
        --sweep serve.poll-sleep=50us,100us,300us,1ms,3ms,10ms --rounds 2 "${slow[@]}"
    compare sleep-epoll --models epoll --connections 16 --set load.rate=1000 --rounds 2 "${slow[@]}"
}

section_4() {
    compare no-load --models busy-poll,sleep-poll,select,epoll,io_uring,threads --connections 4 --set load.rate=10 \
        --rounds 2 "${slow[@]}"
}

section_5() {
    compare slow-handler --models epoll,threads,virtual --workers none,8,virtual --connections 32 --set load.rate=2000 \
        --block-per-request 50ms --set serve.slow-one-in=500 --rounds 2 "${slow[@]}"
}

section_6() {
    for preset in plaintext pipelined files-large; do
        compare "edge-$preset" --preset "$preset" --models epoll,epoll-et --rounds 2 "${short[@]}"
    done
}

section_7() {
    compare calls --models epoll,io_uring --connections 1,4,16,64,256,1024 --rounds 2 "${short[@]}"
}

section_8() {
    compare prefork --models prefork,threads,epoll --connections 1,8,32 --rounds 2 "${short[@]}"
    if [ ! -f "$keep/isolation.txt" ]; then
        "$ROOT/bench/isolation.sh" | tee "$keep/isolation.txt"
    fi
}

section_9() {
    compare loops --models epoll --loops 1,2 --pin none --connections 64 --cpu-per-request 200us --rounds 3 "${short[@]}"
    compare loops-plain --models epoll --loops 1,2 --pin none --connections 64 --rounds 3 "${short[@]}"
}

section_10() {
    compare virtual --models threads,virtual --connections 10,100,1000,5000 --block-per-request 10ms --rounds 2 \
        "${short[@]}"
}

for section in $sections; do
    "section_$section"
done
python3 "$ROOT/bench/plot.py" "$keep" "$ROOT/docs/findings"
