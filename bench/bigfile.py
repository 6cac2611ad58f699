#!/usr/bin/env python3
"""What small requests feel while one client reads a large file that is not in the page cache, on one loop.

usage: bench/bigfile.py [--rounds 5] [--secs 5] [--size 4G] [--rate 500] [--modes sendfile,io_uring] [MODEL ...]

The server is on core 0. On core 1 one process sends small requests at a steady rate, each timed from when it was due, on a
connection that is kept; and, in every second run, another reads the large file, over and over, at whatever rate it comes.
Each time that this client begins, the page cache forgets the file. Prints p50, p99 and the longest of the small requests
without and with that client, the medians of each round's ratio, and how fast the file came. The file is made in the folder
that --folder names (room for it is needed), and removed afterwards.
"""
import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import models

UNITS = {"M": 1 << 20, "G": 1 << 30}
SMALL = b"GET /small.txt HTTP/1.1\r\nHost: bench\r\n\r\n"
LARGE = b"GET /large.bin HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--secs", type=float, default=5)
    parser.add_argument("--size", default="4G")
    parser.add_argument("--rate", type=int, default=500, help="small requests a second")
    parser.add_argument("--modes", default="", help="of --file-io, besides each model's own choice")
    parser.add_argument("--folder", help="where the file is made (default: the system's folder for temporary files)")
    return parser.parse_args()


def make_site(folder, size):
    with open(os.path.join(folder, "small.txt"), "w") as file:
        file.write("Hello, World!\n" * 10)
    block = os.urandom(1 << 20)
    with open(os.path.join(folder, "large.bin"), "wb") as file:
        for at in range(0, size, len(block)):
            file.write(block)
        os.fsync(file.fileno())


def forget(folder):
    with open(os.path.join(folder, "large.bin"), "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def start(folder, model, mode):
    words = ["taskset", "-c", "0", os.path.join(models.ROOT, "sluice"), "serve", folder, "--port", "0", "--model", model]
    server = subprocess.Popen(words + (["--file-io", mode] if mode else []), stdout=subprocess.PIPE, text=True)
    found = models.listening(server, model, r"listening on http://[^ ]*:(\d+) .*files by (\w+)")
    return server, int(found.group(1)), found.group(2)


def read_large(folder, port, until):
    """Reads the file until a time; what came, in bytes. A process of its own: the small requests are timed by this one."""
    came = 0
    buffer = bytearray(1 << 20)
    while time.monotonic() < until:
        forget(folder)
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.settimeout(60)
            connection.sendall(LARGE)
            while time.monotonic() < until:
                count = connection.recv_into(buffer)
                if count == 0:
                    break
                came += count
    return came


def small_requests(port, secs, rate):
    """The latencies of small requests, in microseconds, each from when it was due."""
    seen = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begin = time.monotonic()
        for number in range(int(secs * rate)):
            due = begin + number / rate
            left = due - time.monotonic()
            if left > 0:
                time.sleep(left)
                due = max(due, time.monotonic())  # a sleep that is late is this process's own
            connection.sendall(SMALL)
            answer = b""
            while not answer.endswith(b"Hello, World!\n"):
                some = connection.recv(4096)
                if not some:
                    sys.exit("the server closed the connection")
                answer += some
            if not answer.startswith(b"HTTP/1.1 200"):
                sys.exit(f"no answer: {answer[:100]}")
            seen.append((time.monotonic() - due) * 1e6)
    seen.sort()
    return seen


def run(options, folder, port, with_large):
    came, reader = 0, None
    if with_large:
        reader = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), "--reader", folder, str(port), str(options.secs + 1)],
            stdout=subprocess.PIPE, text=True)
        time.sleep(0.5)  # under way
    seen = small_requests(port, options.secs, options.rate)
    if reader:
        came = int(reader.communicate()[0]) / (options.secs + 1)
    return {"p50": seen[len(seen) // 2], "p99": seen[len(seen) * 99 // 100], "max": seen[-1], "rate": came}


def measure(options, folder, model, mode):
    server, port, io = start(folder, model, mode)
    try:
        small_requests(port, 3, 3000)  # compiled
        alone, beside = [], []
        for _ in range(options.rounds):
            alone.append(run(options, folder, port, False))
            beside.append(run(options, folder, port, True))
    finally:
        models.end(server)
    middle = lambda rows, name: statistics.median(row[name] for row in rows)
    ratios = [b["p99"] / a["p99"] for a, b in zip(alone, beside)]
    print(f"| {model} | {io} | {middle(alone, 'p50'):.0f} / {middle(beside, 'p50'):.0f} "
          f"| {middle(alone, 'p99'):.0f} / {middle(beside, 'p99'):.0f} "
          f"| {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) "
          f"| {middle(alone, 'max'):.0f} / {middle(beside, 'max'):.0f} | {middle(beside, 'rate') / (1 << 20):.0f} |", flush=True)


def main():
    if sys.argv[1:2] == ["--reader"]:
        os.sched_setaffinity(0, {1})
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))  # the small requests' process goes first
        print(read_large(sys.argv[2], int(sys.argv[3]), time.monotonic() + float(sys.argv[4])))
        return
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="sluice-bigfile-", dir=options.folder) as folder:
        os.chmod(folder, 0o755)
        make_site(folder, int(options.size[:-1]) * UNITS[options.size[-1]])
        os.sched_setaffinity(0, {1})
        print("microseconds, without / with the client that reads the large file\n\n| model | --file-io | p50 | p99 "
              "| x its p99 (min-max) | longest | file MiB/s |\n|---|---|---|---|---|---|---|", flush=True)
        for model in options.models or ["epoll", "io_uring"]:
            for mode in [""] + [m for m in options.modes.split(",") if m]:
                measure(options, folder, model, mode)


main()
