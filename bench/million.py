#!/usr/bin/env python3
"""Holds very many connections on this machine, lets each be answered, and shows what they cost by kind of memory.

usage: bench/million.py [--model epoll] [--processes N] [--hold 5s] [--floor MIB] [COUNT]

Starts ./sluice serve with as many processes as the limit on descriptors forces, and ./sluice load with as many of its
own, holds COUNT connections (default 1000000), and asks each once. Ends itself when less memory than --floor is left.
docs/million.md tells what the machine needs for it. To be run as root where slabs are to be told apart.
"""
import argparse
import glob
import math
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What a server process keeps free for its files, and what its JVM has open.
KEPT = 256 + 64
# A server of many processes that each have little to do: the fast compiler only, and a small nursery.
SERVER_FLAGS = "-XX:TieredStopAtLevel=1 -Xmn2m"
KERNEL = ["Slab", "PageTables", "KernelStack"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=1_000_000, metavar="COUNT")
    parser.add_argument("--model", default="epoll")
    parser.add_argument("--processes", type=int, help="of the server; as many as are needed where not given")
    parser.add_argument("--hold", default="5s", help="how long all are held before they are asked")
    parser.add_argument("--floor", type=int, default=1536, metavar="MIB", help="memory that must stay available")
    parser.add_argument("--timeout", default="30s", help="of a request, and of a dial that does not get on")
    return parser.parse_args()


def meminfo():
    with open("/proc/meminfo") as f:
        return {line.split(":")[0]: int(line.split()[1]) / 1024 for line in f}


def tcp_buffers():
    """MiB that sockets hold for data, of the protocol's own count in pages."""
    with open("/proc/net/sockstat") as f:
        found = re.search(r"^TCP: .* mem (\d+)", f.read(), re.M)
    return int(found.group(1)) * resource.getpagesize() / 2**20


def slabs():
    """MiB of each slab cache; empty for who may not read them."""
    try:
        with open("/proc/slabinfo") as f:
            rows = [line.split() for line in f.readlines()[2:]]
    except PermissionError:
        return {}
    return {r[0]: int(r[14]) * int(r[5]) * resource.getpagesize() / 2**20 for r in rows}


def family(pid):
    """A process and all that descend from it."""
    found = [pid]
    for one in found:  # grows meanwhile
        for children in glob.glob(f"/proc/{one}/task/*/children"):
            try:
                with open(children) as f:
                    found += [int(child) for child in f.read().split()]
            except OSError:
                continue  # it ended meanwhile
    return found


def pss(pid):
    """MiB of a process, a page that several share counted as its part."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as f:
            return int(re.search(r"^Pss:\s+(\d+)", f.read(), re.M).group(1)) / 1024
    except OSError:
        return 0


def descriptors(pid):
    try:
        return os.stat(f"/proc/{pid}/fd").st_size  # its number of files (Linux 6.2); listing them would cost memory
    except OSError:
        return 0


class Sample:
    """Memory by kind at one moment."""

    def __init__(self, groups):
        self.mem = meminfo()
        self.buffers = tcp_buffers()
        self.slabs = slabs()
        self.groups = {name: [pss(p) for p in family(pid)] for name, pid in groups.items()}


def watch(floor, children):
    """Ends everything when memory runs out: without swap the kernel would choose whom to kill."""
    while True:
        if meminfo()["MemAvailable"] < floor:
            print(f"less than {floor} MiB are available: given up", file=sys.stderr, flush=True)
            for child in children:
                child.kill()
            return
        time.sleep(0.2)


def serve(options):
    room = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - KEPT
    count = options.processes or math.ceil(options.count / room)
    command = [os.path.join(ROOT, "sluice"), "serve", "--respond", "hello", "--host", "0.0.0.0", "--port", "0",
               "--model", options.model, "--idle-timeout", "1h"]
    if options.model != "prefork":
        command += ["--processes", str(count)]
    began = time.monotonic()
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "SLUICE_JAVA_OPTS": SERVER_FLAGS})
    line = server.stdout.readline()
    found = re.search(r"listening on http://[^ ]*:(\d+)", line)
    if not found:
        sys.exit("the server did not start")
    print(f"{line.strip()} after {time.monotonic() - began:.1f} s", flush=True)
    return server, found.group(1)


def row(name, before, after, count):
    if abs(after - before) >= 1:
        print(f"| {name} | {before:,.0f} | {after:,.0f} | {(after - before) * 1024 / count:.2f} |")


def table(start, idle, held, count):
    print("\n| memory, MiB | before | held | KiB a connection |\n| --- | ---: | ---: | ---: |")
    for kind in KERNEL:
        row(f"{kind}", start.mem[kind], held.mem[kind], count)
    grown = sorted(held.slabs, key=lambda name: start.slabs.get(name, 0) - held.slabs[name])
    for name in grown[:9]:
        row(f"· slab {name}", start.slabs.get(name, 0), held.slabs[name], count)
    row("socket buffers", start.buffers, held.buffers, count)
    row("server processes", sum(idle.groups["server"]), sum(held.groups["server"]), count)
    row("generator's processes", 0, sum(held.groups["load"]), count)
    row("all: MemAvailable went down by", 0, start.mem["MemAvailable"] - held.mem["MemAvailable"], count)
    print(f"\n{held.mem['MemAvailable']:,.0f} MiB were still available.")


def spread(server):
    workers = family(server.pid)[1:] or [server.pid]
    counts = sorted(descriptors(w) for w in workers)
    print(f"{len(counts)} server processes have {counts[0]:,} to {counts[-1]:,} descriptors open, "
          f"in the middle {statistics.median(counts):,.0f}.", flush=True)


def look(server, load):
    spread(server)
    return Sample({"server": server.pid, "load": load.pid})


def follow(load, take):
    """Passes the generator's lines on; when it holds all, a sample is taken."""
    taken = None
    for line in load.stderr:
        print("  " + line.rstrip(), flush=True)
        if taken is None and line.startswith("holding"):
            taken = take()
    return taken


def main():
    options = arguments()
    subprocess.run([os.path.join(ROOT, "sluice"), "--version"], check=True, stdout=subprocess.DEVNULL)
    start = Sample({})
    server, port = serve(options)
    children = [server]
    threading.Thread(target=watch, args=(options.floor, children), daemon=True).start()
    try:
        idle = Sample({"server": server.pid})
        load = subprocess.Popen(
            [os.path.join(ROOT, "sluice"), "load", f"http://127.0.0.1:{port}/", "-c", "0", "--idle",
             str(options.count), "--ask-idle", "--warmup", "0", "-d", options.hold, "--timeout", options.timeout],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        children.insert(0, load)
        held = follow(load, lambda: look(server, load))
        print(load.stdout.read())
        if load.wait() != 0 or held is None:
            sys.exit("the load failed")
        table(start, idle, held, options.count)
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()


if __name__ == "__main__":
    main()
