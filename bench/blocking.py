#!/usr/bin/env python3
"""One request in a hundred blocks for 50 ms: what becomes of the others, with handlers on the loop and with --workers auto.

usage: bench/blocking.py [--rounds 5] [--secs 10] [--warm 5] [--rate 400] [--connections 32] [--model epoll] [--cold]
                         [--without NAMES]

The servers take turns in each round: one where none blocks and a second copy of it (no ratio below its spread is a difference),
and three where 1 % do, with "--workers none", with a pool of 8, where every request is handed over to another thread, and with
"--workers auto". The server is on core 0, "sluice load --rate" on core 1; latency counts from when a request was due.

Who blocks takes 50 ms or more. So the others are the answers that took less, and their p99 is of these; with "none", where many
wait behind a block for longer than that, it is a lower bound. Before it is measured, each server is asked in a closed loop for
--warm seconds: at 400 requests a second the compiler is at work for the first minutes, and what it takes of the core would be
measured instead. --cold leaves that out, and measures just this.

Prints the medians, the ratios to the server where none blocks, and the lines of the watchdog and of the move.
"""
import argparse
import os
import re
import statistics
import subprocess
import tempfile

import models

SLUICE = os.path.join(models.ROOT, "sluice")
BLOCK_MS = 50
BLOCKS = ["--block-per-request", f"{BLOCK_MS}ms", "--slow-one-in", "100"]
SERVERS = {"none blocks": [], "none blocks, again": [],
           "1 %, workers none": BLOCKS + ["--workers", "none"],
           "1 %, workers 8": BLOCKS + ["--workers", "8"],
           "1 %, workers auto": BLOCKS + ["--workers", "auto"]}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--secs", type=int, default=10)
    parser.add_argument("--warm", type=int, default=5)
    parser.add_argument("--rate", type=int, default=400)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--model", default="epoll")
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--without", default="", help="servers to leave out, with semicolons between")
    return parser.parse_args()


def serve(model, words):
    """A server, the file of its log, and its port."""
    log = tempfile.TemporaryFile("w+")
    command = ["taskset", "-c", "0", SLUICE, "serve", "--respond", "Hello, World!", "--port", "0", "--model", model,
               "--watchdog", "25ms"]
    server = subprocess.Popen(command + words, stdout=subprocess.PIPE, stderr=log, text=True)
    return server, log, int(models.listening(server, model).group(1))


def load(port, options, secs, *more):
    command = ["taskset", "-c", "1", SLUICE, "load", f"http://127.0.0.1:{port}/", "-c", str(options.connections),
               "-d", f"{secs}s", "--quiet", *more]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def others_p99(port, options):
    """The 99th percentile, in milliseconds, of the answers that took less than a block, and how many these were."""
    with tempfile.NamedTemporaryFile("r", suffix=".hgrm") as histogram:
        load(port, options, options.secs, "--warmup", "2s", "--rate", str(options.rate), "--hgrm", histogram.name)
        rows = [line.split() for line in histogram if re.match(r" *\d+\.\d+ +[01]\.\d+ +\d+", line)]
    quick = [(float(row[0]) / 1000, int(row[2])) for row in rows if float(row[0]) < BLOCK_MS * 1000]
    count = quick[-1][1]
    return next(value for value, upto in quick if upto >= 0.99 * count), count


def main():
    options = arguments()
    left_out = options.without.split(";")
    servers = {name: serve(options.model, words) for name, words in SERVERS.items() if name not in left_out}
    seen = {name: [] for name in servers}
    count = 0
    try:
        for name, (_, _, port) in servers.items():
            if options.cold:
                load(port, options, 2, "--warmup", "0s", "--rate", str(options.rate))  # moved
            else:
                load(port, options, options.warm, "--warmup", "0s")
        for _ in range(options.rounds):
            for name, (_, _, port) in servers.items():
                p99, count = others_p99(port, options)
                seen[name].append(p99)
    finally:
        for server, _, _ in servers.values():
            server.terminate()
            server.wait()
    base = seen["none blocks"]
    print(f"{options.rounds} rounds of some {count} answers\n\n"
          "| server | p99 of the others, ms (median) | x none blocks (min-max) |\n|---|---|---|")
    for name, values in seen.items():
        ratios = [value / first for value, first in zip(values, base)]
        print(f"| {name} | {statistics.median(values):.2f} | "
              f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) |")
    for name, (_, log, _) in servers.items():
        log.seek(0)
        told = [line.strip() for line in log if "has been held" in line or "keep blocking" in line]
        print(f"\n{name}: {len(told)} lines" + "".join(f"\n  {line}" for line in told[:3]))


main()
