#!/usr/bin/env python3
"""Measures how late timers run on each model of an idle machine: one after the other, and with many pending.

usage: bench/timers.py [--samples 1000] [--pending 0] [--span-ms 10000] [--rounds 1] [MODEL ...]

Each model is a process of its own that serves one connection; its session starts timers of 0 to 10 ms, one after the other, and
compares the time at which each runs to when it was due. With --pending, so many more are started first, which are due within
--span-ms; theirs is the second line. What is printed is in microseconds. A line that says "early" with any number but 0 is a
fault, and then this exits with 1.

Three floors come first in each round: how late this machine lets a thread run that sleeps until such a time (clock_nanosleep(2)), one
that looks at the clock without end, and one that also tries accept4(2) and recv(2) without end, as busy-poll does, which are refused each
time. None is a server, a JVM or a loop. What a model is later than that is the model's own.
"""
import argparse
import gc
import math
import os
import random
import socket
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODELS = "io_uring epoll epoll-et poll select busy-poll virtual threads prefork nio aio sleep-poll".split()
FLAGS = ["--enable-native-access=ALL-UNNAMED", "--add-opens", "java.base/java.lang=ALL-UNNAMED", "-Xmx1g"]
PATIENCE_SECONDS = 120
LONGEST_NANOS = 10_000_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--pending", type=int, default=0)
    parser.add_argument("--span-ms", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    return parser.parse_args()


def classpath():
    module = os.path.join(ROOT, "sluice-http", "target")
    subprocess.run(["mvn", "-B", "-q", "-pl", "sluice-http", "-am", "test-compile", "dependency:build-classpath",
                    "-Dmdep.includeScope=test", "-Dmdep.outputFile=target/test.classpath"],
                   cwd=ROOT, check=True, stdout=sys.stderr)
    with open(os.path.join(module, "test.classpath")) as f:
        return ":".join([os.path.join(module, "test-classes"), os.path.join(module, "classes"), f.read().strip()])


def java():
    home = os.environ.get("JAVA_HOME")
    return os.path.join(home, "bin", "java") if home else "java"


def sleep_until(due):
    left = due - time.monotonic_ns()
    if left > 0:
        time.sleep(left / 1e9)


def spin_until(due):
    while time.monotonic_ns() < due:
        pass


def refused_calls():
    """A wait that has a listener and a connection, to which nothing comes."""
    listener = socket.create_server(("127.0.0.1", 0))
    peer = socket.create_connection(listener.getsockname())
    accepted, _ = listener.accept()
    for end in (listener, accepted):
        end.setblocking(False)

    def try_until(due):
        assert peer.fileno() >= 0  # it stays open
        while time.monotonic_ns() < due:
            for call in (listener.accept, lambda: accepted.recv(1)):
                try:
                    call()
                except BlockingIOError:
                    pass

    return try_until


def floor(name, wait_until, samples):
    """Prints how late a thread of this machine is that waits so."""
    lateness = []
    gc.disable()
    for _ in range(samples):
        due = time.monotonic_ns() + random.randrange(LONGEST_NANOS)
        wait_until(due)
        lateness.append(max(0, time.monotonic_ns() - due))
    gc.enable()
    lateness.sort()
    at = {part: lateness[math.ceil(part * samples) - 1] / 1e3 for part in (0.5, 0.99, 0.999, 1)}
    print(f"{name:12} floor,   p50 {at[0.5]:.0f} p99 {at[0.99]:.0f} p99.9 {at[0.999]:.0f} max {at[1]:.0f} us", flush=True)


def measure(model, classes, options):
    """Prints a model's lines; whether they are sound."""
    run = subprocess.run(
        [java(), *FLAGS, "-cp", classes, "dev.sluice.http.TimerLateness", model,
         str(options.samples), str(options.pending), str(options.span_ms)],
        capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    lines = run.stdout.splitlines()
    if run.returncode != 0 or len(lines) != (2 if options.pending else 1):
        print(f"{model}: no result\n{run.stdout}{run.stderr}", flush=True)
        return False
    for line in lines:
        print(f"{model:12} {line}", flush=True)
    return all(line.startswith("0 early") for line in lines)


def main():
    options = arguments()
    classes = classpath()
    sound = True
    for _ in range(options.rounds):
        floor("(sleeping)", sleep_until, options.samples)
        floor("(spinning)", spin_until, options.samples)
        floor("(calling)", refused_calls(), options.samples)
        for model in options.models or MODELS:
            sound = measure(model, classes, options) and sound
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
