#!/usr/bin/env python3
"""Measures the io_uring disk engine against fio: random direct reads of the same file, at the same depths, in turn.

usage: bench/disk.py [--folder .] [--depths 1,32,128] [--rounds 5] [--secs 3] [--warm 2] [--block 4k] [--size 1g]
                     [--engine io_uring] [--batch N] [--fio-flags "--registerfiles --fixedbufs"] [--out FILE]

"sluice disk --step" makes the file, and waits before each of its measurements, while fio reads the same file. Prints, for each
depth, the medians and the rounds' ratios (ours / fio's) of operations a second and of CPU time an operation. Ours checks each
block, fio does not; the last column is without that. The status is 1 where the median of the ratios misses 0.9 of fio's rate, or
takes more than 1.25 of its CPU time. fio is Debian's package fio.
"""
import argparse
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

import models

LEAST_RATE = 0.9
MOST_CPU = 1.25
NEXT = re.compile(r"next .*, (\d+) in flight$")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default=".")
    parser.add_argument("--depths", default="1,32,128")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--secs", type=int, default=3)
    parser.add_argument("--warm", type=int, default=2)
    parser.add_argument("--block", default="4k")
    parser.add_argument("--size", default="1g")
    parser.add_argument("--engine", default="io_uring")
    parser.add_argument("--batch", type=int, help="by default a sixteenth of the depth; fio's iodepth_batch is the same")
    parser.add_argument("--fio-flags", default="--registerfiles --fixedbufs")
    parser.add_argument("--out")
    return parser.parse_args()


def fio(args, path, depth):
    words = [shutil.which("fio") or sys.exit("fio is missing: install Debian's package fio"), "--name=disk",
             f"--filename={path}", "--readonly", "--rw=randread", f"--bs={args.block}", "--direct=1",
             "--ioengine=io_uring", f"--iodepth={depth}", f"--iodepth_batch={args.batch or max(1, depth // 16)}",
             "--norandommap", "--randrepeat=0", "--time_based", f"--runtime={args.secs}", "--output-format=json", *shlex.split(args.fio_flags)]
    ran = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    if ran.returncode != 0:
        sys.exit(f"failed: {' '.join(words)}\n{ran.stdout}")
    # Without a ramp_time, whose CPU time fio would count, but not its operations.
    job = json.loads(ran.stdout[ran.stdout.index("{"):])["jobs"][0]
    read = job["read"]
    cpu = (job["usr_cpu"] + job["sys_cpu"]) / 100 * job["job_runtime"] * 1e3 / read["total_ios"]
    return {"iops": read["iops"], "cpu_us": cpu, "p99_us": read["clat_ns"]["percentile"]["99.000000"] / 1e3}


def sluice(args, results):
    words = [os.path.join(models.ROOT, "sluice"), "disk", args.folder, "--engines", args.engine, "--modes", "direct",
             "--depths", args.depths, "--block", args.block, "--size", args.size, "--rounds", str(args.rounds),
             "--duration", f"{args.secs}s", "--warmup", f"{args.warm}s", "--json", results, "--step"]
    return words + (["--batch", str(args.batch)] if args.batch else [])


def take_turns(args, results):
    """fio's figures by depth, in the order of its rounds; ours are in the results then."""
    theirs, path = {}, None
    process = subprocess.Popen(sluice(args, results), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True, bufsize=1)
    try:
        for line in process.stderr:
            line = line.rstrip("\n")
            print(line, flush=True)
            if line.startswith("file "):
                path = line[len("file "):]
            asked = NEXT.match(line)
            if asked:
                depth = int(asked.group(1))
                theirs.setdefault(depth, []).append(fio(args, path, depth))
                process.stdin.write("\n")
        if process.wait() != 0:
            sys.exit("sluice disk failed")
        return theirs
    finally:
        models.end(process)


def ours(results):
    with open(results) as f:
        points = json.load(f)["servers"][0]["points"]
    return {int(point["value"]): [{"iops": figures["requestsPerSecond"], "cpu_us": figures["cpuMicros"],
                                   "p99_us": figures["p99Micros"], "pattern_us": figures["patternMicros"]}
                                  for figures in (seen["figures"] for seen in point["rounds"])] for point in points}


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def table(mine, theirs):
    """Prints it, and tells whether all is within what is asked."""
    print("| in flight | IOPS | fio | x | CPU us | fio | x | p99 us | fio | CPU us without the check, x |\n"
          "|---|---|---|---|---|---|---|---|---|---|")
    good = True
    for depth, rounds in sorted(mine.items()):
        pairs = list(zip(rounds, theirs[depth], strict=True))
        rate = [own["iops"] / other["iops"] for own, other in pairs]
        cpu = [own["cpu_us"] / other["cpu_us"] for own, other in pairs]
        bare = [(own["cpu_us"] - own["pattern_us"]) / other["cpu_us"] for own, other in pairs]
        middle = {key: statistics.median(own[key] for own, _ in pairs) for key in rounds[0]}
        fios = {key: statistics.median(other[key] for _, other in pairs) for key in theirs[depth][0]}
        print(f"| {depth} | {middle['iops']:.0f} | {fios['iops']:.0f} | {spread(rate)} | {middle['cpu_us']:.2f} "
              f"| {fios['cpu_us']:.2f} | {spread(cpu)} | {middle['p99_us']:.0f} | {fios['p99_us']:.0f} "
              f"| {middle['cpu_us'] - middle['pattern_us']:.2f}, {spread(bare)} |")
        good &= statistics.median(rate) >= LEAST_RATE and statistics.median(cpu) <= MOST_CPU
    return good


def main():
    args = arguments()
    with tempfile.TemporaryDirectory() as folder:
        results = os.path.join(folder, "results.json")
        theirs = take_turns(args, results)
        mine = ours(results)
    good = table(mine, theirs)
    if args.out:
        with open(args.out, "w") as f:
            json.dump({"sluice": mine, "fio": theirs}, f, indent=1)
    sys.exit(0 if good else 1)


main()
