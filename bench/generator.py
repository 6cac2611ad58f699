#!/usr/bin/env python3
"""Measures the load generator against wrk: the C floor on core 0, wrk and "sluice load" in turn on core 1.

usage: bench/generator.py [--server COMMAND] [--rounds 5] [--secs 6] [--connections 64] [--model epoll]

Prints, for each round, the throughput, p50 and p99 of both, and last the medians of the rounds' ratios (ours / wrk's).
The floor is floor_epoll of the harness (../shared/bench, whose README says how to build it). It is faster than either
generator, so that on many connections their latencies are what they queue themselves; --server takes another server's
command line, {port} standing for the port, such as a slower one that sets the latencies itself:
  bench/generator.py --server "./sluice serve --respond hello --cpu-per-request 20us --port {port}"
"""
import argparse
import json
import os
import re
import shlex
import statistics
import subprocess
import sys

import models

NAMES = ("requests/s", "p50 us", "p99 us")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=os.path.expanduser("~/.cache/sluice-bench/bin/floor_epoll") + " {port}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--secs", type=int, default=6)
    parser.add_argument("--warm", type=int, default=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--model", default="epoll")
    parser.add_argument("--port", type=int, default=18800)
    return parser.parse_args()


def on_core(core, *command):
    return ["taskset", "-c", str(core), *command]


def output(command):
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if ran.returncode != 0:
        sys.exit(f"failed: {' '.join(command)}\n{ran.stdout}")
    return ran.stdout


def wrk(args, url):
    text = output(on_core(1, "wrk", "-t1", f"-c{args.connections}", f"-d{args.secs}s", "--latency", url))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    return rate, models.wrk_micros(text, 50), models.wrk_micros(text, 99)


def ours(args, url):
    found = json.loads(output(on_core(
        1, os.path.join(models.ROOT, "sluice"), "load", url, "--connections", str(args.connections), "--model", args.model,
        "--duration", f"{args.secs}s", "--warmup", f"{args.warm}s", "--json")))
    latency = found["latency"]
    return found["requestsPerSecond"], latency["p50Micros"], latency["p99Micros"]


def main():
    args = arguments()
    url = f"http://127.0.0.1:{args.port}/plaintext"
    command = [word.replace("{port}", str(args.port)) for word in shlex.split(args.server)]
    server = subprocess.Popen(on_core(0, *command), stdout=subprocess.DEVNULL)
    try:
        models.await_listening(args.port, server)
        ratios = []
        for number in range(args.rounds):
            turns = [wrk, ours] if number % 2 == 0 else [ours, wrk]
            seen = {turn: turn(args, url) for turn in turns}
            ratios.append([b / a for a, b in zip(seen[wrk], seen[ours])])
            print("  ".join(f"{name} wrk {a:.0f} ours {b:.0f} ({b / a:.2f})"
                            for name, a, b in zip(NAMES, seen[wrk], seen[ours])), flush=True)
        print("medians (min-max) of ours / wrk's: " + "  ".join(
            f"{name} {statistics.median(all):.2f} ({min(all):.2f}-{max(all):.2f})"
            for name, all in zip(NAMES, zip(*ratios))))
    finally:
        server.terminate()
        server.wait()


main()
