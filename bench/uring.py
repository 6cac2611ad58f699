#!/usr/bin/env python3
"""Measures io_uring's switches, each on and off, in interleaved rounds: server on core 0, wrk on core 1.

usage: bench/uring.py [--harness DIR] [--rounds 5] [--secs 4] [--warm 8] [--shapes c64,c1024,p16] [--large]
                      [--out FILE] [SWITCH=A:B ...]

The harness is that of bench/models.py. Of each pair, as direct=off:on or, with something that both have, as
direct=on,send-zc=off:16384, both servers stand at once, and each round measures one after the other, a C floor before
them. "CPU", "throughput" and "p99" are medians of the rounds' ratios of the second to the first; below 1 of CPU and p99,
and above 1 of throughput, the second is better. The pair same, two servers alike, comes first: no difference below its
spread is one. --large asks for a file of a megabyte rather than 13 bytes, which the ring sends only with direct=on.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

import models

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAIRS = ("same", "direct=off:on", "multishot=off:on", "taskrun=coop:defer", "incremental=off:on",
         "buffers=512x8192:64x65536", "spin=off:50", "sqpoll=off:2", "napi=off:50")
LARGE_PAIRS = ("same", "direct=on,send-zc=off:16384", "direct=off:on")
LARGE_BYTES = 1 << 20


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", nargs="*", metavar="SWITCH=A:B")
    parser.add_argument("--harness", default=os.path.join(ROOT, "..", "shared", "bench"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--secs", type=int, default=4)
    parser.add_argument("--warm", type=int, default=8)
    parser.add_argument("--shapes", default="c64,c1024,p16")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--out")
    return parser.parse_args()


def sides(pair):
    """The two values of --uring that a pair compares."""
    if pair == "same":
        return "", ""
    name, values = pair.rsplit("=", 1)
    return tuple(f"{name}={value}" for value in values.split(":"))


def serve(switches, large):
    command = ["taskset", "-c", "0", os.path.join(ROOT, "sluice"), "serve"]
    command += [large] if large else ["--respond", "Hello, World!"]
    command += ["--port", "0", "--model", "io_uring", "--idle-timeout", "1h"]
    if switches:
        command += ["--uring", switches]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        found = re.search(r"listening on http://[^ ]*:(\d+)", line)
        if found:
            return server, int(found.group(1))
    sys.exit(f"io_uring with {switches} did not start")


def end(server):
    server.terminate()
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def measured(bench, pair, options, large):
    """The rounds of a pair, of either side as many."""
    servers = [serve(switches, large) for switches in sides(pair)]
    os.sched_setaffinity(0, {1})
    try:
        targets = {f"{pair} {side}": (server.pid, port) for side, (server, port) in zip("AB", servers)}
        rows = bench.measure(targets, options.shapes.split(","), options.rounds, options.secs, options.warm, None)
    finally:
        os.sched_setaffinity(0, {0, 1})
        for server, _ in servers:
            end(server)
    return rows


def compared(bench, rows, pair, shape):
    """Medians and spreads of B to A, over the rounds that nothing disturbed; None without any."""
    first, second = ([r for r in rows if r["name"] == f"{pair} {side}" and r["shape"] == shape] for side in "AB")
    good = [(a, b) for a, b in zip(first, second) if not bench.disturbed(a) and not bench.disturbed(b)]
    if not good:
        return None
    columns = []
    for key in ("cpu_us", "rps", "p99"):
        found = [b[key] / a[key] for a, b in good if a.get(key, 0) > 0 and b.get(key, 0) > 0]
        columns.append(f"{statistics.median(found):.3f} ({min(found):.2f}-{max(found):.2f})" if found else "-")
    return columns, len(good), len(first)


def main():
    options = arguments()
    bench = models.harness(options.harness)
    rows = []
    print("| pair | shape | CPU | throughput | p99 | quiet rounds |\n|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        if options.large:
            with open(os.path.join(folder, "plaintext"), "wb") as f:
                f.write(b"x" * LARGE_BYTES)
        for pair in options.pairs or (LARGE_PAIRS if options.large else PAIRS):
            rows += measured(bench, pair, options, folder if options.large else None)
            if options.out:
                with open(options.out, "w") as f:
                    json.dump(rows, f)
            for shape in options.shapes.split(","):
                found = compared(bench, rows, pair, shape)
                if found:
                    columns, quiet, all_rounds = found
                    print(f"| {pair} | {shape} | {' | '.join(columns)} | {quiet} of {all_rounds} |", flush=True)


if __name__ == "__main__":
    main()
