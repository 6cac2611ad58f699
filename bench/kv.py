#!/usr/bin/env python3
"""Measures the store against redis-server: both on core 0, in turns; redis-benchmark with 50 clients on core 1.

usage: bench/kv.py [--rounds 5] [--requests 400000] [--synced 60000] [--warm 1500000] [--models epoll,io_uring]
                   [--disk ENGINE] [--dir DIR] [--port 18800]

For each of GET and SET, pipelined 16 deep and one at a time: medians of CPU time a request, of its ratio to redis-server's in
the same round, and of throughput. These servers keep nothing (no --dir; redis: no save, no append-only file). Then SET with every write synced before
its answer (--sync always; appendfsync always), in DIR, which should lie on a disk: throughput, its ratio, p99, and for
the store the syncs a second and the writes a sync (what it tells when it stops). All of them run at once and are warmed by so many requests.
"""
import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile

import models

TICKS = os.sysconf("SC_CLK_TCK")
SHAPES = [("get", 16), ("set", 16), ("get", 1), ("set", 1)]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=400_000)
    parser.add_argument("--synced", type=int, default=60_000)
    parser.add_argument("--warm", type=int, default=1_500_000)
    parser.add_argument("--models", default="epoll,io_uring")
    parser.add_argument("--disk")
    parser.add_argument("--dir", default=".")
    parser.add_argument("--port", type=int, default=18800)
    return parser.parse_args()


def redis(port, folder):
    keeps = ["--appendonly", "yes", "--appendfsync", "always", "--dir", folder] if folder else ["--appendonly", "no"]
    return ["redis-server", "--port", str(port), "--save", "", *keeps]


def store(port, folder, model, disk):
    keeps = ["--dir", folder, "--sync", "always"] + (["--disk", disk] if disk else []) if folder else []
    return [os.path.join(models.ROOT, "sluice"), "kv", "--port", str(port), "--model", model, *keeps]


def start(command, port):
    log = tempfile.TemporaryFile("w+")
    server = subprocess.Popen(["taskset", "-c", "0", *command], stdout=log, stderr=log)
    models.await_listening(port, server)
    return server, port, log


def ask(port, command, pipeline, requests):
    """Requests a second, and p99 in milliseconds."""
    out = subprocess.run(
        ["taskset", "-c", "1", "redis-benchmark", "-p", str(port), "-t", command, "-n", str(requests), "-c", "50", "-P",
         str(pipeline), "-d", "100", "-r", "100000", "--csv"], capture_output=True, text=True, check=True).stdout
    fields = [f.strip('"') for f in out.strip().splitlines()[-1].split(",")]
    return float(fields[1]), float(fields[6])


def row(name, runs, first):
    """Of rounds of (figure, requests a second, p99), with the ratio of their figures to those of the first."""
    ratio = [run[0] / base[0] for run, base in zip(runs, first)]
    return (f"| {name} | {statistics.median(run[0] for run in runs):.2f} | {statistics.median(ratio):.2f} "
            f"({min(ratio):.2f}-{max(ratio):.2f}) | {statistics.median(run[1] for run in runs):,.0f} | "
            f"{statistics.median(run[2] for run in runs):.2f} |")


def turns(options, servers, command, pipeline, requests, figure):
    results = {name: [] for name in servers}
    for n in range(options.rounds):
        for name, (server, port, _) in servers.items():
            before = sum(models.tree_cpu(server.pid))
            rate, p99 = ask(port, command, pipeline, requests)
            cpu = (sum(models.tree_cpu(server.pid)) - before) / TICKS
            results[name].append((figure(cpu, requests, rate), rate, p99))
    first = next(iter(results.values()))
    for name, runs in results.items():
        print(row(name, runs, first))


def stop(servers):
    for name, (server, _, log) in servers.items():
        models.end(server)
        log.seek(0)
        told = [line.strip() for line in log if re.search(r"\bsyncs?\b", line) and name != "redis-server"]
        if told:
            print(f"{name}: {told[-1]}")


def run(options, folder):
    servers = {}
    try:
        port = options.port
        for name in ["redis-server", *options.models.split(",")]:
            port += 1
            kept = os.path.join(folder, name) if folder else None
            if kept:
                os.mkdir(kept)
            servers[name] = start(
                redis(port, kept) if name == "redis-server" else store(port, kept, name, options.disk), port)
        for _, port, _ in servers.values():
            for command in ["set", "get"]:
                ask(port, command, 16, options.warm)
                ask(port, command, 1, options.warm // 10)
        if folder:
            print("\n| SET, synced | requests/s | x redis-server (min-max) | requests/s | p99 ms |\n|---|---|---|---|---|")
            turns(options, servers, "set", 1, options.synced, lambda cpu, requests, rate: rate)
        else:
            for command, pipeline in SHAPES:
                print(f"\n| {command.upper()}, {pipeline} deep | CPU us/request | x redis-server (min-max) | requests/s | p99 ms |"
                      "\n|---|---|---|---|---|")
                turns(options, servers, command, pipeline, options.requests * (4 if pipeline > 1 else 1),
                      lambda cpu, requests, rate: cpu / requests * 1e6)
    finally:
        stop(servers)


def main():
    options = arguments()
    if not shutil.which("redis-benchmark") or not shutil.which("redis-server"):
        sys.exit("redis-server and redis-benchmark are needed: install Debian's redis-server and redis-tools")
    run(options, None)
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        run(options, folder)


main()
