#!/usr/bin/env python3
"""Measures how late timers run on each model of an idle machine: one after the other, and with many pending.

usage: bench/timers.py [--samples 1000] [--pending 0] [--span-ms 10000] [MODEL ...]

Each model is a process of its own that serves one connection; its session starts timers of 0 to 10 ms, one after the other, and
compares the time at which each runs to when it was due. With --pending, so many more are started first, which are due within
--span-ms; theirs is the second line. What is printed is in microseconds. A line that says "early" with any number but 0 is a
fault, and then this exits with 1.
"""
import argparse
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODELS = "io_uring epoll epoll-et poll select busy-poll virtual threads prefork nio aio sleep-poll".split()
FLAGS = ["--enable-native-access=ALL-UNNAMED", "--add-opens", "java.base/java.lang=ALL-UNNAMED", "-Xmx1g"]
PATIENCE_SECONDS = 120


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--pending", type=int, default=0)
    parser.add_argument("--span-ms", type=int, default=10_000)
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


def main():
    options = arguments()
    classes = classpath()
    sound = True
    for model in options.models or MODELS:
        run = subprocess.run(
            [java(), *FLAGS, "-cp", classes, "dev.sluice.http.TimerLateness", model,
             str(options.samples), str(options.pending), str(options.span_ms)],
            capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        lines = run.stdout.splitlines()
        expected = 2 if options.pending else 1
        if run.returncode != 0 or len(lines) != expected:
            print(f"{model}: no result\n{run.stdout}{run.stderr}", flush=True)
            sound = False
            continue
        for line in lines:
            print(f"{model:12} {line}", flush=True)
            sound = sound and line.startswith("0 early")
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
