#!/usr/bin/env python3
"""What connections that say nothing cost those that ask: many active ones, alone and beside idle ones, in turns.

usage: bench/idle.py [--active 10000] [--idle 9500] [--rounds 5] [--secs 6] [MODEL ...]

The server is on core 0, wrk on core 1, with a request in flight on each active connection. In every second run "sluice load --idle"
holds the idle ones. Prints, for each round, p99 and CPU time a request of both, and the medians of the rounds' ratios (beside / alone).
"""
import argparse
import contextlib
import os
import re
import resource
import statistics
import subprocess
import sys
import time

import models

TICK_MICROS = 1e6 / os.sysconf("SC_CLK_TCK")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL", default=["epoll", "io_uring"])
    parser.add_argument("--active", type=int, default=10000)
    parser.add_argument("--idle", type=int, default=9500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--secs", type=int, default=6)
    return parser.parse_args()


def await_connections(port, enough):
    """Until so many connections are established at that port as suffices."""
    deadline = time.monotonic() + 60
    while not enough(established(port)):
        if time.monotonic() > deadline:
            sys.exit(f"{established(port)} connections after a minute")
        time.sleep(0.1)


def established(port):
    """By the kernel's table: io_uring's connections needn't have descriptors."""
    told = subprocess.run(["ss", "-Htn", "state", "established", f"sport = :{port}"], stdout=subprocess.PIPE, text=True, check=True)
    return told.stdout.count("\n")


@contextlib.contextmanager
def held(port, count):
    # At an address of their own: connect(2) slows down once half of the local ports to an address are taken.
    command = [os.path.join(models.ROOT, "sluice"), "load", f"http://127.0.0.2:{port}/", "--connections", "0",
               "--idle", str(count), "--duration", "1h", "--quiet"]
    holder = subprocess.Popen(["taskset", "-c", "1", *command], stdout=subprocess.DEVNULL)
    try:
        await_connections(port, lambda there: there >= count)
        yield
    finally:
        models.end(holder)
        await_connections(port, lambda there: there == 0)


def ask(server, port, options, secs):
    """p99 in milliseconds, and CPU time a request in microseconds."""
    before = sum(models.tree_cpu(server.pid))
    told = subprocess.run(["taskset", "-c", "1", "wrk", "-t1", f"-c{options.active}", f"-d{secs}s", "--timeout", "10s", "--latency",
                           f"http://127.0.0.1:{port}/"], stdout=subprocess.PIPE, text=True, check=True).stdout
    errors = re.search(r"Socket errors: (.*)|Non-2xx.*", told)
    if errors:
        print(f"  wrk: {errors.group(0)}", flush=True)
    requests = int(re.search(r"(\d+) requests in", told).group(1))
    await_connections(port, lambda there: there <= options.idle)  # closing them is part of their cost
    return models.wrk_micros(told, 99) / 1e3, (sum(models.tree_cpu(server.pid)) - before) * TICK_MICROS / requests


def measure(model, options):
    server, port = models.serve(model, "--host", "0.0.0.0")
    try:
        ask(server, port, options, 8)  # compiled before it is measured
        ratios = []
        for number in range(options.rounds):
            runs = {}
            for beside in (False, True) if number % 2 == 0 else (True, False):
                with held(port, options.idle) if beside else contextlib.nullcontext():
                    runs[beside] = ask(server, port, options, options.secs)
            ratios.append([with_idle / alone for with_idle, alone in zip(runs[True], runs[False])])
            print(f"{model}: p99 {runs[False][0]:.0f} ms alone, {runs[True][0]:.0f} beside; "
                  f"CPU {runs[False][1]:.1f} us a request alone, {runs[True][1]:.1f} beside", flush=True)
    finally:
        models.end(server)
    told = [f"{name} {statistics.median(each):.2f} ({min(each):.2f}-{max(each):.2f})"
            for name, each in zip(("p99", "CPU a request"), zip(*ratios))]
    print(f"{model}, {options.active} active beside {options.idle} idle, to alone: " + ", ".join(told), flush=True)


def main():
    options = arguments()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    for model in options.models:
        measure(model, options)


main()
