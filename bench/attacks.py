#!/usr/bin/env python3
"""A well-behaved client's latency beside thousands of slow connections, against the same without them, in turns.

usage: bench/attacks.py [--kind headers|bodies] [--slow 5000] [--rounds 3] [--secs 4] [--rate 2000] [MODEL ...]

The server is on core 0, the attack and "sluice load --rate" on core 1. Each slow connection sends a byte a second, of a header
or of a body that it promised; when the server has enough of it, another takes its place. Prints the medians of each round's
ratio, and how many connections the server ended meanwhile. "alone" is a second measurement without an attack, which shows what
a ratio is worth.
"""
import argparse
import json
import os
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import time

import models

BEGIN = {"headers": b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
         "bodies": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"}
TICKS = 20  # a second: the bytes of all connections are spread over it


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--kind", choices=BEGIN, default="headers")
    parser.add_argument("--slow", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--secs", type=int, default=4)
    parser.add_argument("--rate", type=int, default=2000)
    return parser.parse_args()


class Attack:
    """A child process that holds the slow connections; it says so when all are there, and at its end how many were ended."""

    def __init__(self, port, options):
        reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.sched_setaffinity(0, {1})
            signal.signal(signal.SIGTERM, lambda *_: (os.write(writer, b"%d\n" % ended), os._exit(0)))
            ended = 0
            for ended in slow(port, options, writer):
                pass
        os.close(writer)
        self.told = os.fdopen(reader)
        if self.told.readline() != "there\n":
            sys.exit("the attack ended early")

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        ended = int(self.told.readline())
        os.waitpid(self.pid, 0)
        return ended


def slow(port, options, told):
    """Yields how many connections the server has ended so far."""
    def begin():
        s = socket.create_connection(("127.0.0.1", port))
        s.setblocking(False)
        s.send(BEGIN[options.kind])
        selector.register(s, selectors.EVENT_READ)
        return s
    selector = selectors.DefaultSelector()
    held, ended = [begin() for _ in range(options.slow)], 0
    os.write(told, b"there\n")
    place = {s: i for i, s in enumerate(held)}
    for tick in range(1 << 30):
        due = time.monotonic() + 1 / TICKS
        for s in held[tick % TICKS::TICKS]:
            try:
                s.send(b"x")
            except OSError:
                pass  # the server has ended it: to be read below
        for key, _ in selector.select(0):
            s = key.fileobj
            try:
                over = not s.recv(4096)
            except OSError:
                over = True
            if over:
                ended += 1
                selector.unregister(s)
                s.close()
                at = place.pop(s)
                held[at] = begin()
                place[held[at]] = at
        yield ended
        time.sleep(max(0, due - time.monotonic()))


def p99(port, options):
    words = ["taskset", "-c", "1", os.path.join(models.ROOT, "sluice"), "load", f"http://127.0.0.1:{port}/",
             "--connections", "16", "--duration", f"{options.secs}s", "--warmup", "1s", "--rate", str(options.rate), "--json"]
    ran = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    if ran.returncode != 0:
        sys.exit(f"failed: {' '.join(words)}\n{ran.stdout}")
    found = json.loads(ran.stdout)
    if sum(found["errorsCount"].values()) or not found["rateHeld"]:
        print(f"  errors {found['errorsCount']}, rate held: {found['rateHeld']}", flush=True)
    return found["latency"]["p99Micros"]


def main():
    options = arguments()
    print(f"{options.slow} slow {options.kind}, {options.rate} requests/s beside them\n"
          "| model | p99 alone, us | attacked / alone (min-max) | alone / alone (min-max) | ended |\n|---|---|---|---|---|", flush=True)
    for model in options.models or ["threads", "virtual", "epoll", "io_uring"]:
        server, port = models.serve(model)
        try:
            p99(port, options)  # compiled before it is measured
            alone, attacked, again, ended = [], [], [], 0
            for _ in range(options.rounds):
                alone.append(p99(port, options))
                attack = Attack(port, options)
                attacked.append(p99(port, options))
                ended += attack.end()
                again.append(p99(port, options))
            cells = []
            for these in (attacked, again):
                ratios = [x / y for x, y in zip(these, alone)]
                cells.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})")
            print(f"| {model} | {statistics.median(alone):.0f} | {cells[0]} | {cells[1]} | {ended} |", flush=True)
        finally:
            models.end(server)


main()
