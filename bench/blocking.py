#!/usr/bin/env python3
"""One request in a hundred blocks for 50 ms: what becomes of the others, with handlers on the loop and with --workers auto.

usage: bench/blocking.py [--rounds 3] [--secs 5] [--rate 400] [--connections 32] [--model epoll]

Four servers take turns in each round: one where none blocks, and three where 1 % do, with "--workers none", with a pool of 8, where
every request is handed over to another thread, and with "--workers auto".
"sluice load --rate" counts latency from when a request was due. Whoever blocks takes 50 ms or more, so where the others take
less, their p99 is the percentile 98.01 of all (0.99 x 0.99); where it is 50 ms or more, the others' p99 is at least that. Prints
the medians, the ratios to the server where none blocks, and the lines of the watchdog and of the move.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SLUICE = os.path.join(ROOT, "sluice")
BLOCKS = ["--block-per-request", "50ms", "--slow-one-in", "100"]
SERVERS = {"none blocks": [], "1 %, workers none": BLOCKS + ["--workers", "none"],
           "1 %, workers 8": BLOCKS + ["--workers", "8"],
           "1 %, workers auto": BLOCKS + ["--workers", "auto"]}
OTHERS_P99 = 0.9801


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--secs", type=int, default=5)
    parser.add_argument("--rate", type=int, default=400)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--model", default="epoll")
    return parser.parse_args()


def serve(model, words):
    """A server, the file of its log, and its port."""
    log = tempfile.TemporaryFile("w+")
    command = [SLUICE, "serve", "--respond", "Hello, World!", "--port", "0", "--model", model, "--watchdog", "25ms"]
    server = subprocess.Popen(command + words, stdout=subprocess.PIPE, stderr=log, text=True)
    found = re.search(r"listening on http://[^ ]*:(\d+)", server.stdout.readline())
    if not found:
        sys.exit(f"no server came up: {' '.join(command + words)}")
    return server, log, int(found.group(1))


def others_p99(port, options, secs):
    """The 98.01st percentile of all answers, in milliseconds."""
    with tempfile.NamedTemporaryFile("r", suffix=".hgrm") as histogram:
        subprocess.run([SLUICE, "load", f"http://127.0.0.1:{port}/", "-c", str(options.connections), "-d", f"{secs}s",
                        "--warmup", "1s", "--rate", str(options.rate), "--hgrm", histogram.name],
                       stdout=subprocess.DEVNULL, check=True)
        for line in histogram:
            fields = line.split()
            if len(fields) >= 3 and re.fullmatch(r"[01]\.\d+", fields[1]) and float(fields[1]) >= OTHERS_P99:
                return float(fields[0]) / 1000
    sys.exit("the histogram has no such percentile")


def main():
    options = arguments()
    servers = {name: serve(options.model, words) for name, words in SERVERS.items()}
    seen = {name: [] for name in servers}
    try:
        for name, (_, _, port) in servers.items():
            others_p99(port, options, 2)  # compiled, and moved, before it is measured
        for _ in range(options.rounds):
            for name, (_, _, port) in servers.items():
                seen[name].append(others_p99(port, options, options.secs))
    finally:
        for server, _, _ in servers.values():
            server.terminate()
            server.wait()
    base = seen["none blocks"]
    print("| server | p99 of the others, ms (median) | x none blocks (min-max) |\n|---|---|---|")
    for name, values in seen.items():
        ratios = [value / first for value, first in zip(values, base)]
        print(f"| {name} | {statistics.median(values):.2f} | "
              f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) |")
    for name, (_, log, _) in servers.items():
        log.seek(0)
        told = [line.strip() for line in log if "has been held" in line or "keep blocking" in line]
        print(f"\n{name}: {len(told)} lines" + "".join(f"\n  {line}" for line in told[:3]))


main()
