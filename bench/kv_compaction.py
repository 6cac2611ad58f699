#!/usr/bin/env python3
"""Latency of "sluice kv" while it compacts its log, beside what it is otherwise; and redis-server's, in turns.

usage: bench/kv_compaction.py [--models epoll,io_uring] [--sync always] [--load 0.5] [--rounds 3] [--warm 6] [--keys 500000] [--value 1000]
                              [--disk ENGINE] [--dir .] [--port 18800]

Each server in turn, on core 0, in DIR, which should lie on a disk: filled with KEYS values; how many requests a second it takes is
found with redis-benchmark (50 clients, SET); then bench/kv_load.c, on core 1, sends a part of that (--load) at a steady rate on 50
connections. In each round: SECS seconds without a compaction, then one (BGSAVE; redis-server: BGREWRITEAOF, which forks).
Prints the medians of p50, p99 and p99.9 in milliseconds, and of the rounds' ratios.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import models

CLIENTS = 50
AT_ONCE = 1000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="epoll,io_uring", help="redis-server may be among them")
    parser.add_argument("--sync", default="always", choices=["always", "everysec", "no"])
    parser.add_argument("--load", type=float, default=0.5, help="of what the server takes")
    parser.add_argument("--rate", type=int, help="requests a second, in the place of --load")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--secs", type=float, default=4)
    parser.add_argument("--warm", type=float, default=6, help="seconds under load before the first compaction, for the compilers")
    parser.add_argument("--keys", type=int, default=500_000)
    parser.add_argument("--value", type=int, default=1000)
    parser.add_argument("--disk")
    parser.add_argument("--dir", default=".")
    parser.add_argument("--port", type=int, default=18800)
    return parser.parse_args()


def command(options, name, folder):
    if name == "redis-server":
        return ["redis-server", "--port", str(options.port), "--save", "", "--appendonly", "yes", "--appendfsync", options.sync,
                "--auto-aof-rewrite-percentage", "0", "--dir", folder]
    return [os.path.join(models.ROOT, "sluice"), "kv", "--port", str(options.port), "--model", name, "--dir", folder, "--sync",
            options.sync, "--compact-at", "0"] + (["--disk", options.disk] if options.disk else [])


def ask(connection, line):
    """The reply, which is known to be short and to come alone."""
    connection.sendall(line.encode() + b"\r\n")
    reply = connection.recv(1 << 16).decode()
    if reply.startswith("-"):
        sys.exit(f"{line}: {reply}")
    return reply


def fill(options, connection):
    value = b"y" * options.value
    for first in range(0, options.keys, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, options.keys))
        connection.sendall(b"".join(b"*3\r\n$3\r\nSET\r\n$16\r\nkey:%012d\r\n$%d\r\n%s\r\n" % (i, options.value, value) for i in numbers))
        left = len(b"+OK\r\n") * len(numbers)
        while left:
            left -= len(connection.recv(left))


def capacity(options):
    out = subprocess.run(["taskset", "-c", "1", "redis-benchmark", "-p", str(options.port), "-t", "set", "-n", "150000", "-c", str(CLIENTS),
                          "-d", str(options.value), "-r", str(options.keys), "--csv"], capture_output=True, text=True, check=True).stdout
    return float(out.strip().splitlines()[-1].split(",")[1].strip('"'))


class Load:
    def __init__(self, options, binary, rate):
        self.process = subprocess.Popen(["taskset", "-c", "1", binary, str(options.port), str(CLIENTS), str(rate), str(options.keys),
                                         str(options.value)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def seen(self):
        """Milliseconds of p50, p99, p99.9 and the longest since the last call."""
        self.process.stdin.write("\n")
        line = self.process.stdout.readline()
        if not line:
            sys.exit("the generator has ended")
        return [float(word) for word in line.split()[1:]]

    def end(self):
        self.process.stdin.close()
        models.end(self.process)


def is_compacting(connection, name):
    field = "aof_rewrite_in_progress:1" if name == "redis-server" else "rdb_bgsave_in_progress:1"
    return field in ask(connection, "INFO persistence")


def compact(connection, name):
    """Seconds that it took."""
    begin = time.monotonic()
    ask(connection, "BGREWRITEAOF" if name == "redis-server" else "BGSAVE")
    while is_compacting(connection, name):
        time.sleep(0.02)
    return time.monotonic() - begin


def measure(options, name, binary, folder):
    server = subprocess.Popen(["taskset", "-c", "0", *command(options, name, folder)], stdout=subprocess.DEVNULL)
    load = None
    try:
        connection = models.connect(options.port, server)
        fill(options, connection)
        capacity(options)
        most = capacity(options)
        rate = options.rate or int(most * options.load)
        load = Load(options, binary, rate)
        time.sleep(options.warm)
        compact(connection, name)  # the first one warms it up
        idle, busy, seconds = [], [], []
        for _ in range(options.rounds):
            time.sleep(1)
            load.seen()
            time.sleep(options.secs)
            idle.append(load.seen())
            seconds.append(compact(connection, name))
            busy.append(load.seen())
        report(name, most, rate, idle, busy, seconds)
    finally:
        if load:
            load.end()
        models.end(server)


def report(name, most, rate, idle, busy, seconds):
    def middle(runs):
        return " / ".join(f"{statistics.median(column):.2f}" for column in list(zip(*runs))[:3])

    ratio = [b[1] / a[1] for a, b in zip(idle, busy)]
    print(f"| {name} | {rate:,} of {most:,.0f} | {middle(idle)} | {middle(busy)} | {statistics.median(ratio):.2f} "
          f"({min(ratio):.2f}-{max(ratio):.2f}) | {max(run[3] for run in busy):.1f} | {statistics.median(seconds):.1f} |", flush=True)


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        binary = os.path.join(folder, "kv_load")
        source = os.path.join(models.ROOT, "bench", "kv_load.c")
        subprocess.run(["gcc", "-O2", "-o", binary, source, "-lm"], check=True)
        print(f"--sync {options.sync}, {options.keys:,} values of {options.value} bytes\n\n| | requests/s | p50 / p99 / p99.9 ms | the same, while"
              " it compacts | p99, x (min-max) | longest ms | s a compaction |\n|---|---|---|---|---|---|---|")
        for name in options.models.split(","):
            kept = os.path.join(folder, name)
            os.mkdir(kept)
            measure(options, name, binary, kept)
            shutil.rmtree(kept)


main()
