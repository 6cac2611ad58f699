#!/usr/bin/env python3
"""Measures models against a C epoll loop in the same run: server on core 0, wrk on core 1, one fixed answer.

usage: bench/models.py [--harness DIR] [--rounds 3] [--secs 8] [--warm 15] [--shapes c64,c1024,p16] [--out FILE]
                       [--with nginx,netty-epoll,…] [MODEL ...]

The harness (bench.py and its C floors) is a folder of its own, by default ../shared/bench; its README says how to build
the floors. Each model is started with ./sluice serve --respond, alone, and measured in rounds that each begin with the
floor. "x floor" is the median of the rounds' ratios of server CPU time a request, "p99" that of the 99th percentiles.
The floor against a second copy of itself (A/A) comes first: no difference below its spread is one.

With --with all of them run at the same time, beside those servers of the harness, and take turns in every round; --warm is
then the seconds for each.
"""
import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ALL = "threads virtual prefork busy-poll sleep-poll select poll epoll epoll-et nio aio io_uring".split()
# What a model can't hold: prefork's workers weigh a JVM each, select(2) ends at 1,024 descriptors.
LEFT_OUT = {("prefork", "c1024"), ("select", "c1024")}
WORKERS = 64


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--harness", default=os.path.join(ROOT, "..", "shared", "bench"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--secs", type=int, default=8)
    parser.add_argument("--warm", type=int, default=15)
    parser.add_argument("--shapes", default="c64,c1024,p16")
    parser.add_argument("--out")
    parser.add_argument("--with", dest="peers", default="", help="servers of the harness to measure in the same rounds")
    return parser.parse_args()


def harness(folder):
    """The harness's module; it needs JAVA_HOME for its own peers."""
    if not os.path.isfile(os.path.join(folder, "bench.py")):
        sys.exit(f"no harness in {os.path.normpath(folder)}: name the folder of its bench.py with --harness")
    sys.path.insert(0, folder)
    import bench
    return bench


def tree_cpu(pid):
    """User and system ticks of a process and of all its children: prefork's work is done by its workers."""
    parents, ticks = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as f:
                    fields = f.read().rsplit(")", 1)[1].split()
            except OSError:
                continue  # it ended meanwhile
            parents[int(entry)] = int(fields[1])
            ticks[int(entry)] = (int(fields[11]), int(fields[12]))
    family, grown = {pid}, True
    while grown:
        more = {p for p, parent in parents.items() if parent in family} - family
        family |= more
        grown = bool(more)
    return tuple(sum(ticks[p][i] for p in family if p in ticks) for i in (0, 1))


def listening(server, name, line=r"listening on http://[^ ]*:(\d+)"):
    """Waits for the line in which a server says so; its match, whose first group is the port."""
    for said in server.stdout:
        found = re.search(line, said)
        if found:
            return found
    sys.exit(f"{name} did not start")


def connect(port, server):
    """A connection, once the server listens there; one that ends before that, or takes too long, is ended."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            if time.monotonic() > deadline or server.poll() is not None:
                server.kill()
                sys.exit(f"nothing listens on port {port}")
            time.sleep(0.05)


def await_listening(port, server):
    connect(port, server).close()


def serve(model, *more):
    command = ["taskset", "-c", "0", os.path.join(ROOT, "sluice"), "serve", "--respond", "Hello, World!",
               "--port", "0", "--model", model, "--idle-timeout", "1h", *more]
    if model == "prefork":
        command += ["--processes", f"{WORKERS}:{WORKERS}"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    port = int(listening(server, model).group(1))
    if model == "prefork":
        await_workers(port, WORKERS)
    return server, port


def await_workers(port, count):
    """A prefork server listens as soon as its first worker is up: hold one connection a worker until all answer."""
    held = []
    deadline = time.monotonic() + 120
    while len(held) < count:
        left = deadline - time.monotonic()
        if left <= 0:
            sys.exit(f"{len(held)} of {count} workers came up within 120 s")
        connection = socket.create_connection(("127.0.0.1", port), timeout=left)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n")
        if not connection.recv(4096):
            sys.exit("a worker closed the connection that waited for it")
        held.append(connection)
    for connection in held:
        connection.close()


def end(server):
    server.terminate()
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def wrk_micros(text, percent):
    """A percentile of what "wrk --latency" told, in microseconds."""
    number, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)\b", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def ratios(rows, name, shape, undisturbed):
    picked = [r for r in rows if r["name"] == name and r["shape"] == shape and r.get("floor") and undisturbed(r)]
    if not picked:
        return None
    cpu = [r["cpu_us"] / r["floor"]["cpu_us"] for r in picked]
    tail = [r["p99"] / r["floor"]["p99"] for r in picked if r["floor"].get("p99")]
    rate = [r["rps"] / r["floor"]["rps"] for r in picked]
    return cpu, tail, rate, [r["usr_us"] for r in picked]


def table(rows, names, shapes, undisturbed):
    print("\n| server | shape | CPU x floor (min-max) | user us/request | p99 x floor | throughput of floor | runs |")
    print("|---|---|---|---|---|---|---|")
    for shape in shapes:
        for name in names:
            found = ratios(rows, name, shape, undisturbed)
            if found:
                cpu, tail, rate, user = found
                p99 = f"{statistics.median(tail):.2f}" if tail and shape != "p16" else "-"
                print(f"| {name} | {shape} | {statistics.median(cpu):.2f} ({min(cpu):.2f}-{max(cpu):.2f}) "
                      f"| {statistics.median(user):.2f} | {p99} "
                      f"| {statistics.median(rate):.2f} | {len(cpu)} |")


def together(bench, options):
    """All at the same time, in turns; the rows, and the names in order."""
    models, peers = options.models or ["epoll"], options.peers.split(",")
    bench.SERVERS["floor-again"] = (18099, bench.SERVERS["floor-epoll"][1])
    servers, started, targets = [], [], {}
    try:
        for model in models:
            server, port = serve(model)
            servers.append(server)
            targets[model] = (server.pid, port)
        for name in ["floor-again"] + peers:
            process, port, _ = bench.start(name)
            started.append(process)
            targets[name] = (process.pid, port)
        os.sched_setaffinity(0, {1})
        shapes = options.shapes.split(",")
        rows = bench.measure(targets, shapes, options.rounds, options.secs, options.warm, options.out, per_floor=2)
        return rows, list(targets)
    finally:
        for server in servers:
            end(server)
        for process in started:
            bench.stop(process)


def main():
    options = arguments()
    bench = harness(options.harness)
    undisturbed = lambda row: not bench.disturbed(row)
    if options.peers:
        rows, names = together(bench, options)
        table(rows, names, options.shapes.split(","), undisturbed)
        return
    single = bench.cpu
    shapes = options.shapes.split(",")
    rows = []
    again, port = bench.SERVERS["floor-epoll"][1], 18099
    bench.SERVERS["floor-again"] = (port, again)
    copy, port, _ = bench.start("floor-again")
    os.sched_setaffinity(0, {1})
    try:
        rows += bench.measure({"floor-again": (copy.pid, port)}, shapes, options.rounds, options.secs, 3, None)
    finally:
        bench.stop(copy)
    names = options.models or ALL
    for model in names:
        os.sched_setaffinity(0, {0, 1})
        server, port = serve(model)
        os.sched_setaffinity(0, {1})
        try:
            mine = [s for s in shapes if (model, s) not in LEFT_OUT]
            bench.cpu = tree_cpu if model == "prefork" else single
            rows += bench.measure({model: (server.pid, port)}, mine, options.rounds, options.secs, options.warm, None)
        finally:
            bench.cpu = single
            end(server)
        if options.out:
            with open(options.out, "w") as f:
                json.dump(rows, f)
    table(rows, ["floor-again"] + names, shapes, undisturbed)


if __name__ == "__main__":
    main()
