#!/usr/bin/env python3
"""Measures what the styles cost: the echo as callbacks, promises and sequential code beside a bare session.

usage: bench/styles.py [--rounds 5] [--secs 5] [--warm 8] [--connections 64] [--body 64] [--out FILE]
                       [--styles callbacks,promises,sequential] [MODEL ...]

For each model (epoll and io_uring unless named) "sluice echo --style" runs four times on core 0, one server for each style,
and "sluice load" on core 1 asks them in turns: a round is one run of each, the bare session first. "x session" is the median of
the rounds' ratios of server CPU time a request to the bare session's in the same round. A second bare session (session-again)
takes its turns too: no difference below its spread is one. Bytes allocated a request are the growth of what the JVM's threads
have allocated (Thread.print -e, which tells it in steps of a kilobyte).
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "bench"))
from models import end, tree_cpu

TICK_MICROS = 1e6 / os.sysconf("SC_CLK_TCK")
UNITS = {"B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
BARE, AGAIN = "session", "session-again"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL", default=["epoll", "io_uring"])
    parser.add_argument("--styles", default="callbacks,promises,sequential")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--secs", type=int, default=5)
    parser.add_argument("--warm", type=int, default=8)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--body", type=int, default=64, help="bytes of a request")
    parser.add_argument("--out")
    return parser.parse_args()


def serve(model, style):
    command = ["taskset", "-c", "0", os.path.join(ROOT, "sluice"), "echo", "--style", style, "--port", "0", "--model", model]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        found = re.search(r"listening on tcp://[^ ]*:(\d+)", line)
        if found:
            return server, int(found.group(1))
    sys.exit(f"{model} in style {style} did not start")


def jcmd():
    home = os.environ.get("JAVA_HOME")
    return os.path.join(home, "bin", "jcmd") if home else "jcmd"


def allocated(pid):
    """Bytes that the JVM's threads have allocated so far."""
    printed = subprocess.run([jcmd(), str(pid), "Thread.print", "-e"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r" allocated=([\d.]+)([BKMG])", printed))


def load(port, options, secs):
    command = ["taskset", "-c", "1", os.path.join(ROOT, "sluice"), "load", f"tcp://127.0.0.1:{port}", "--json", "--warmup", "0",
               "--connections", str(options.connections), "--body-size", str(options.body), "--duration", f"{secs}s"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if ran.returncode != 0:
        sys.exit(f"the load failed: {ran.stdout}")
    return json.loads(ran.stdout)


def measure(server, port, options):
    bytes_before, cpu_before = allocated(server.pid), tree_cpu(server.pid)
    found = load(port, options, options.secs)
    cpu_after, bytes_after = tree_cpu(server.pid), allocated(server.pid)
    requests = found["requestsCount"]
    return {"cpu": (sum(cpu_after) - sum(cpu_before)) * TICK_MICROS / requests,
            "user": (cpu_after[0] - cpu_before[0]) * TICK_MICROS / requests,
            "bytes": (bytes_after - bytes_before) / requests,
            "rate": found["requestsPerSecond"],
            "p99": found["latency"]["p99Micros"]}


def run(model, options):
    names = [BARE] + options.styles.split(",") + [AGAIN]
    servers = {}
    rows = []
    try:
        for name in names:
            servers[name] = serve(model, BARE if name == AGAIN else name)
        for server, port in servers.values():
            load(port, options, options.warm)
        for number in range(options.rounds):
            seen = {name: measure(*servers[name], options) for name in names}
            rows += [dict(row, model=model, style=name, round=number, ratio=row["cpu"] / seen[BARE]["cpu"])
                     for name, row in seen.items()]
            print(f"{model} {number}: " + "  ".join(f"{name} {row['cpu']:.2f} us" for name, row in seen.items()), flush=True)
    finally:
        for server, _ in servers.values():
            end(server)
    return rows


def table(rows):
    print("\n| model | style | CPU us/request | x session (min-max) | user us | bytes/request | requests/s | p99 us |")
    print("|---|---|---|---|---|---|---|---|")
    for model, style in dict.fromkeys((row["model"], row["style"]) for row in rows):
        own = [row for row in rows if (row["model"], row["style"]) == (model, style)]
        middle = {key: statistics.median(row[key] for row in own) for key in ("cpu", "user", "bytes", "rate", "p99")}
        ratios = [row["ratio"] for row in own]
        print(f"| {model} | {style} | {middle['cpu']:.2f} | {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) "
              f"| {middle['user']:.2f} | {middle['bytes']:.0f} | {middle['rate']:.0f} | {middle['p99']:.0f} |")


def main():
    options = arguments()
    rows = []
    for model in options.models:
        rows += run(model, options)
        if options.out:
            with open(options.out, "w") as file:
                json.dump(rows, file)
    table(rows)


if __name__ == "__main__":
    main()
