#!/usr/bin/env python3
"""Measures start-up: from exec of ./sluice serve to the first answer 200, as the median of runs that are interleaved.

usage: bench/startup.py [--runs 20] [--launcher PATH ...] [--harness DIR --references nginx,netty-epoll] [MODEL ...]

Each round starts every server once, alone, first with all cores and then pinned to core 0 (the client is on core 1). The
client connects and asks each 2 ms until it is answered. "auto" is ./sluice serve without --model. With several launchers
(the ./sluice of another checkout) their runs alternate, which is how a change is measured. The references belong to the
harness, a folder of its own; its README says how to build them.
"""
import argparse
import os
import socket
import statistics
import subprocess
import sys
import time

import models

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODELS = "auto io_uring epoll threads virtual nio prefork".split()
CORES = {"all cores": None, "one core": "0"}
PAUSE_SECONDS = 0.002
PATIENCE_SECONDS = 30


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--launcher", action="append", help="default: this checkout's ./sluice")
    parser.add_argument("--harness", default=os.path.join(ROOT, "..", "shared", "bench"))
    parser.add_argument("--references", default="", help="names of the harness's servers, with commas between")
    return parser.parse_args()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answered(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.settimeout(5)
            connection.sendall(b"GET /plaintext HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return connection.recv(4096).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def first_answer_ms(command, port, core):
    """Starts a server, waits for its first answer, ends it; returns the milliseconds between."""
    pinned = ["taskset", "-c", core] if core else []
    begun = time.perf_counter()
    server = subprocess.Popen(pinned + command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        while not answered(port):
            if server.poll() is not None or time.perf_counter() - begun > PATIENCE_SECONDS:
                sys.exit("did not start: " + " ".join(command))
            time.sleep(PAUSE_SECONDS)
        return (time.perf_counter() - begun) * 1000
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def sluice(launcher, model):
    def command(port):
        chosen = [] if model == "auto" else ["--model", model]
        return [launcher, "serve", "--respond", "Hello, World!", "--port", str(port)] + chosen
    return command


def contenders(options):
    """Name to a function that makes the command for a port."""
    launchers = options.launcher or [os.path.join(ROOT, "sluice")]
    found = {}
    for model in options.models or MODELS:
        for launcher in launchers:
            name = model if len(launchers) == 1 else f"{model} ({launcher})"
            found[name] = sluice(launcher, model)
    if options.references:
        bench = models.harness(options.harness)
        for name in options.references.split(","):
            found[name] = bench.SERVERS[name][1]
    return found


def main():
    options = arguments()
    servers = contenders(options)
    for command in servers.values():  # a first start may build, and reads the files into memory
        first_answer_ms(command(port := free_port()), port, None)
    taken = {(name, cores): [] for name in servers for cores in CORES}
    for _ in range(options.runs):
        for name, command in servers.items():
            for cores, core in CORES.items():
                os.sched_setaffinity(0, {1} if core else range(os.cpu_count()))
                port = free_port()
                taken[name, cores].append(first_answer_ms(command(port), port, core))
    print("| server | " + " | ".join(f"{cores}, ms (min-max)" for cores in CORES) + " |\n|---" + "|---" * len(CORES) + "|")
    for name in servers:
        cells = [taken[name, cores] for cores in CORES]
        print(f"| {name} | " + " | ".join(f"{statistics.median(c):.0f} ({min(c):.0f}-{max(c):.0f})" for c in cells) + " |")


if __name__ == "__main__":
    main()
