#!/usr/bin/env python3
"""Tries "sluice advise" on eight services: does it name what the full comparison finds best, and at what cost?

usage: bench/advice.py [--rounds 3] [--warmup 2s] [--duration 2s] [--keep DIR] [NAME ...]

For each service it runs the comparison of all models, then the advice, on the same workload. Right is the advice that names
the comparison's first, or one whose rounds overlap the first one's. The cost is the advice's time over the comparison's.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# With workers there are three contenders for each model: only those that may fit.
MAY_WAIT = "--models=threads,virtual,select,poll,epoll,epoll-et,nio,aio,io_uring"

# What the advice is asked, and the same for a comparison.
SERVICES = {
    "few-busy": (["--connections=4"], ["--connections=4"]),
    "plain": (["--connections=64"], ["--connections=64"]),
    "thousand": (["--connections=1000"], ["--connections=1000"]),
    "many-idle": (["--connections=4000", "--active=1%"], ["--connections=40", "--set=load.idle=3960"]),
    "computing": (["--connections=64", "--cpu-per-request=500us"], ["--connections=64", "--cpu-per-request=500us"]),
    "waiting": (["--connections=64", "--block-per-request=10ms"],
                ["--connections=64", "--block-per-request=10ms", MAY_WAIT, "--workers=none,64,virtual"]),
    "steady-rate": (["--connections=64", "--rate=5000"], ["--connections=64", "--set=load.rate=5000"]),
    "waiting-at-a-rate": (["--connections=200", "--block-per-request=5ms", "--rate=1000", "--sequential"],
                          ["--connections=200", "--block-per-request=5ms", "--set=load.rate=1000",
                           MAY_WAIT, "--workers=none,8,virtual"]),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of " + ", ".join(SERVICES))
    parser.add_argument("--rounds", default="3")
    parser.add_argument("--warmup", default="2s")
    parser.add_argument("--duration", default="2s")
    parser.add_argument("--keep", help="a folder for the comparisons; one that is there already is not run again")
    return parser.parse_args()


def run(*words):
    begun = time.monotonic()
    ran = subprocess.run([os.path.join(ROOT, "sluice"), *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         text=True)
    if ran.returncode != 0:
        sys.exit(f"failed with {ran.returncode}: ./sluice {' '.join(words)}\n{ran.stdout}")
    return ran.stdout, time.monotonic() - begun


def full(args, folder, flags):
    """The comparison's results and its time."""
    results, seconds = os.path.join(folder, "results.json"), os.path.join(folder, "seconds")
    if not os.path.exists(seconds):
        _, took = run("compare", *flags, "--rounds", args.rounds, "--warmup", args.warmup, "--duration", args.duration,
                      "--output", folder)
        with open(seconds, "w") as file:
            file.write(str(took))
    with open(results) as file, open(seconds) as time_file:
        return json.load(file), float(time_file.read())


def keeps_up(point):
    held = [one["load"]["rateHeld"] for one in point["rounds"]]
    return sum(held) * 2 > len(held)


def ranked(results):
    """Name, median and rounds of the deciding figure, best first, and whether less of it is better."""
    points = [(server["name"], server["points"][0]) for server in results["servers"] if server["points"]]
    keeping = [row for row in points if keeps_up(row[1])]
    is_open = any(one["load"]["loop"] == "open" for _, point in points for one in point["rounds"])
    less = is_open and bool(keeping)
    key = "p99Micros" if less else "requestsPerSecond"
    rows = [(name, point["median"][key], [turn["figures"][key] for turn in point["rounds"]])
            for name, point in (keeping if less else points)]
    return sorted(rows, key=lambda row: row[1] if less else -row[1]), less


def level(rows, less):
    """The names whose rounds overlap those of the first."""
    first = rows[0][2]
    return [name for name, _, rounds in rows
            if (min(rounds) <= max(first) if less else max(rounds) >= min(first))]


def main():
    args = arguments()
    keep = args.keep or tempfile.mkdtemp(prefix="sluice-advice-")
    right = cheap = 0
    names = args.names or list(SERVICES)
    for name in names:
        asked, flags = SERVICES[name]
        results, full_seconds = full(args, os.path.join(keep, name), flags)
        rows, less = ranked(results)
        answer, seconds = run("advise", *asked)
        said = re.search(r"^Take (.+?)(?:, though nothing| \(or what|:$)", answer, re.M).group(1)
        good = level(rows, less)
        right += said in good
        cheap += seconds < full_seconds / 4
        place = [row[0] for row in rows].index(said) + 1 if said in [row[0] for row in rows] else "not"
        print(f"{name}: advised {said} ({'right' if said in good else 'WRONG'}, measured {place} of {len(rows)}; "
              f"{rows[0][0]} first, within its noise {', '.join(good)}); "
              f"{seconds:.0f} s of {full_seconds:.0f} s ({seconds / full_seconds:.2f})", flush=True)
    print(f"{right} of {len(names)} right, {cheap} of {len(names)} under a quarter; comparisons in {keep}")


main()
