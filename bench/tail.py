#!/usr/bin/env python3
"""Latency at half of capacity, in an open loop: models and peers against a C epoll loop, in turns.

usage: bench/tail.py [--harness DIR] [--rounds 9] [--secs 4] [--connections 64,1024] [--rate N] [--with NAMES] [MODEL ...]

The server is on core 0, "sluice load --rate" on core 1; latency counts from when a request was due. The rate is half of what
the floor answers in a closed loop, unless one is given. Prints the medians of each round's ratio to the floor; "floor-again",
the floor's second copy, shows what a ratio is worth.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

import models

NAMES = ("p50Micros", "p99Micros", "p999Micros")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--harness", default=os.path.join(models.ROOT, "..", "shared", "bench"))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--secs", type=int, default=4)
    parser.add_argument("--connections", default="64,1024")
    parser.add_argument("--rate", type=int)
    parser.add_argument("--with", dest="peers", default="")
    return parser.parse_args()


def load(port, connections, secs, rate):
    """The latencies of one run, by name; without a rate the requests a second instead."""
    words = ["taskset", "-c", "1", os.path.join(models.ROOT, "sluice"), "load", f"http://127.0.0.1:{port}/plaintext",
             "--connections", connections, "--duration", f"{secs}s", "--warmup", "2s", "--json"]
    ran = subprocess.run(words + (["--rate", str(rate)] if rate else []), stdout=subprocess.PIPE, text=True)
    if ran.returncode != 0:
        sys.exit(f"failed: {' '.join(words)}\n{ran.stdout}")
    found = json.loads(ran.stdout)
    if rate and not found["rateHeld"]:
        print(f"  (the rate of {rate}/s was not held)", flush=True)
    return found["latency"] if rate else found["requestsPerSecond"]


def measure(options, targets):
    for connections in options.connections.split(","):
        rate = options.rate or int(load(targets["floor"], connections, options.secs, None) / 2)
        print(f"\n{connections} connections, {rate} requests/s", flush=True)
        rounds = {name: [] for name in targets if name != "floor"}
        for _ in range(options.rounds):
            floor = load(targets["floor"], connections, options.secs, rate)
            for name in rounds:
                seen = load(targets[name], connections, options.secs, rate)
                rounds[name].append([seen[which] / floor[which] for which in NAMES])
        print("| server | p50 x floor | p99 x floor (min-max) | p99.9 x floor (min-max) |\n|---|---|---|---|")
        for name, ratios in rounds.items():
            cells = [f"{statistics.median(column):.2f} ({min(column):.2f}-{max(column):.2f})" for column in zip(*ratios)]
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main():
    options = arguments()
    bench = models.harness(options.harness)
    servers, started, targets = [], [], {}
    bench.SERVERS["floor-again"] = (18099, bench.SERVERS["floor-epoll"][1])
    try:
        for name in ["floor-epoll", "floor-again"] + [p for p in options.peers.split(",") if p]:
            process, port, _ = bench.start(name)
            started.append(process)
            targets["floor" if name == "floor-epoll" else name] = port
        for model in options.models or ["epoll"]:
            server, port = models.serve(model)
            servers.append(server)
            targets[model] = port
            load(port, "64", 6, None)  # compiled before it is measured
        measure(options, targets)
    finally:
        for server in servers:
            models.end(server)
        for process in started:
            bench.stop(process)


main()
