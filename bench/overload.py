#!/usr/bin/env python3
"""Load beyond capacity: what is answered and how soon, without a limit and with one; and how a high class fares meanwhile.

usage: bench/overload.py [--cpu 200us] [--secs 10] [--warm 20] [--connections 256] [--loads 0.5,0.9,1.5,3] [--limits none,auto]
                         [--serve "OPTIONS"] [MODEL ...]

The server is on core 0 and computes for --cpu a request; "sluice load" is on core 1. Capacity is what a closed loop of 16
connections is answered without a limit. Then the loop is open: requests are due at random times at a
share of that rate, and latency counts from when they were due. Goodput is answers with 200; a 503 is "shed", and not in the
latencies. Beside it a second generator asks for /health, 50 times a second, which --priority-path makes high where there is a
limit; its p99 rests on so few answers that --secs must be long. "of half" is a latency as a multiple of that at the first of
the loads, with the same limit. Before it is measured, a server has the last of the loads for --warm seconds: it refuses for the
first time then, and compiling that would be measured as work.

--serve gives the server more options, as in --serve "--block-per-request 50ms --slow-one-in 100 --workers auto".
"""
import argparse
import json
import os
import shlex
import subprocess
import sys

import models

SLUICE = os.path.join(models.ROOT, "sluice")
HIGH_RATE = 50


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--cpu", default="200us")
    parser.add_argument("--secs", type=int, default=10)
    parser.add_argument("--warm", type=int, default=20)
    parser.add_argument("--connections", default="256")
    parser.add_argument("--loads", default="0.5,0.9,1.5,3")
    parser.add_argument("--limits", default="none,auto")
    parser.add_argument("--serve", default="", metavar="OPTIONS")
    return parser.parse_args()


def serve(model, limit, options):
    words = ["taskset", "-c", "0", SLUICE, "serve", "--respond", "ok", "--port", "0", "--model", model, "--limit", limit]
    words += ["--cpu-per-request", options.cpu] if options.cpu != "0" else []
    words += ["--priority-path", "/health=high"] if limit != "none" else []
    server = subprocess.Popen(words + shlex.split(options.serve), stdout=subprocess.PIPE, text=True)
    return server, int(models.listening(server, model).group(1))


def load(port, path, connections, secs, rate=None):
    """A generator that has started; finished() waits for what it saw."""
    words = ["taskset", "-c", "1", SLUICE, "load", f"http://127.0.0.1:{port}{path}", "--connections", str(connections),
             "--duration", f"{secs}s", "--warmup", "2s", "--json"]
    return subprocess.Popen(words + (["--rate", str(rate)] if rate else []), stdout=subprocess.PIPE, text=True)


def finished(generator):
    out, _ = generator.communicate()
    if generator.returncode != 0:
        sys.exit(f"failed: {' '.join(generator.args)}\n{out}")
    return json.loads(out)


def row(model, limit, share, most, seen, high, before):
    """A line of the table; what is compared with later ones goes to `before`."""
    errors = dict(seen["errorsCount"])
    shed = errors.pop("status") / seen["durationSeconds"]
    other = sum(errors.values())
    p50, p99 = (seen["latency"][which] / 1000 for which in ("p50Micros", "p99Micros"))
    high99 = high["latency"]["p99Micros"] / 1000
    before.setdefault("p99", p99)
    before.setdefault("high", high99)
    words = seen["generator"]["words"] if seen["generator"]["bottleneck"] else ""
    return (f"| {model} | {limit} | {share} | {seen['requestsPerSecond']:,.0f} | {seen['requestsPerSecond'] / most:.2f} "
            f"| {shed:,.0f} | {other} | {p50:,.2f} | {p99:,.2f} | {p99 / before['p99']:.1f} | {high99:,.2f} "
            f"| {high99 / before['high']:.1f} | {words}")


def measure(model, options):
    most = None
    for limit in options.limits.split(","):
        server, port = serve(model, limit, options)
        try:
            finished(load(port, "/", 16, 4))  # compiled before it is measured
            most = most or finished(load(port, "/", 16, options.secs))["requestsPerSecond"]
            loads = options.loads.split(",")
            if options.warm and limit != "none":
                finished(load(port, "/", options.connections, options.warm, max(1, int(float(loads[-1]) * most))))
            before = {}
            for share in loads:
                high = load(port, "/health", 4, options.secs, HIGH_RATE)
                seen = finished(load(port, "/", options.connections, options.secs, max(1, int(float(share) * most))))
                print(row(model, limit, share, most, seen, finished(high), before), flush=True)
        finally:
            models.end(server)


def main():
    options = arguments()
    print("| model | limit | load | goodput/s | of capacity | shed/s | errors | p50 ms | p99 ms | of half | high p99 ms | of half |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for model in options.models or ["epoll", "io_uring", "threads", "virtual"]:
        measure(model, options)


main()
