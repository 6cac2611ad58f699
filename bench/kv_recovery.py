#!/usr/bin/env python3
"""How long does "sluice kv" take to recover a log, and what is at its limit: the disk, or one core?

usage: bench/kv_recovery.py [--size 1024] [--values 100,1000] [--rounds 5] [--disk io_uring] [--dir .]

Fills a log of SIZE MiB with SETs of values of so many bytes each (redis-benchmark, pipelined), in DIR, which should lie on a
disk. Then, in turns: fio reads the files from one end to the other (2 MiB at a time, two at once, as the recovery does, by the
same engine), a store recovers them, both with nothing of them in the page cache (posix_fadvise); and a store recovers them
again from the page cache, which is what checksums and commands cost alone. Prints for each the medians of: seconds, MB/s, CPU
seconds of the thread that recovers (user, system), how much of the time that thread was on a core, and CPU seconds of the
whole process, from its start until it listens.
"""
import argparse
import glob
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

import models

TICKS = os.sysconf("SC_CLK_TCK")
ENGINES = {"blocking": "psync", "pool": "psync", "io_uring": "io_uring"}
KEYS = 200_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1024, help="MiB")
    parser.add_argument("--values", default="100,1000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--disk", default="io_uring", choices=ENGINES)
    parser.add_argument("--dir", default=".")
    return parser.parse_args()


class Store:
    def __init__(self, options, folder):
        self.log = tempfile.TemporaryFile("w+")
        self.server = subprocess.Popen(
            [os.path.join(models.ROOT, "sluice"), "kv", "--dir", folder, "--port", "0", "--model", "epoll", "--sync", "no",
             "--disk", options.disk, "--compact-at", "0"], stdout=subprocess.PIPE, stderr=self.log, text=True)
        try:
            self.port = int(models.listening(self.server, "sluice kv", r"listening on redis://[^ ]*:(\d+)").group(1))
        except BaseException:
            models.end(self.server)
            raise

    def thread(self):
        """User and system seconds of the thread that has used most: the one that recovers."""
        times = []
        for path in glob.glob(f"/proc/{self.server.pid}/task/*/stat"):
            with open(path) as f:
                name, rest = f.read().split("(", 1)[1].rsplit(")", 1)
            if name == "java":
                fields = rest.split()
                times.append((int(fields[11]) / TICKS, int(fields[12]) / TICKS))
        return max(times, key=sum)

    def recovered(self):
        """Seconds of the recovery, bytes read, the recovering thread's user and system seconds, all CPU seconds."""
        user, system = self.thread()
        whole = sum(models.tree_cpu(self.server.pid)) / TICKS
        self.log.seek(0)
        told = self.log.read()
        seconds = float(re.search(r"that took ([\d.]+) s", told).group(1))
        size = int(re.search(r"\(([\d,]+) bytes\)", told).group(1).replace(",", ""))
        return seconds, size, user, system, whole

    def end(self):
        models.end(self.server)


def fill(options, folder, value):
    record = 20 + len(f"*3\r\n$3\r\nSET\r\n$16\r\nkey:{0:012}\r\n${value}\r\n\r\n") + value
    store = Store(options, folder)
    try:
        subprocess.run(["redis-benchmark", "-p", str(store.port), "-t", "set", "-n", str((options.size << 20) // record), "-c", "50",
                        "-P", "64", "-d", str(value), "-r", str(KEYS), "-q"], check=True, stdout=subprocess.DEVNULL)
    finally:
        store.end()


def files(folder):
    return sorted(glob.glob(os.path.join(folder, "log-*")))


def drop(folder):
    for path in files(folder):
        with open(path, "rb") as f:
            os.fsync(f.fileno())
            os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def fio(options, folder):
    """As Store.recovered."""
    names = ":".join(files(folder))
    ran = subprocess.run(["fio", "--name=read", f"--filename={names}", "--readonly", "--rw=read", "--bs=2m", "--direct=0", "--iodepth=2",
                          "--invalidate=0", "--file_service_type=sequential", f"--ioengine={ENGINES[options.disk]}",
                          "--output-format=json"], stdout=subprocess.PIPE, text=True, check=True)
    job = json.loads(ran.stdout[ran.stdout.index("{"):])["jobs"][0]
    seconds = job["read"]["runtime"] / 1e3
    user, system = job["usr_cpu"] / 100 * seconds, job["sys_cpu"] / 100 * seconds
    return seconds, job["read"]["io_bytes"], user, system, user + system


def recover(options, folder):
    store = Store(options, folder)
    try:
        return store.recovered()
    finally:
        store.end()


def row(name, runs):
    seconds, size, user, system, whole = (statistics.median(column) for column in zip(*runs))
    on_core = statistics.median((run[2] + run[3]) / run[0] for run in runs)
    rates = [run[1] / run[0] / 1e6 for run in runs]
    print(f"| {name} | {seconds:.2f} | {statistics.median(rates):,.0f} ({min(rates):,.0f}-{max(rates):,.0f}) | {user:.2f} | {system:.2f} "
          f"| {on_core:.0%} | {whole:.2f} |", flush=True)


def main():
    options = arguments()
    for value in (int(each) for each in options.values.split(",")):
        with tempfile.TemporaryDirectory(dir=options.dir) as folder:
            fill(options, folder, value)
            read, cold, hot = [], [], []
            for _ in range(options.rounds):
                drop(folder)
                read.append(fio(options, folder))
                drop(folder)
                cold.append(recover(options, folder))
                hot.append(recover(options, folder))
            print(f"\n{value} bytes a value, {options.disk}\n\n| | s | MB/s (min-max) | user s | system s | on a core | all CPU s |"
                  "\n|---|---|---|---|---|---|---|")
            row("fio, from the disk", read)
            row("recovery, from the disk", cold)
            row("recovery, from the page cache", hot)


main()
