#!/usr/bin/env python3
"""What small requests feel while one client reads a large file that is not in the page cache, on one loop.

usage: bench/bigfile.py [--rounds 5] [--secs 3] [--warm 20] [--size 4G] [--rate 500] [--pace MIB] [--rest 8]
                        [--modes sendfile,io_uring] [--with nginx] [--elsewhere] [MODEL ...]

The server is on core 0. On core 1 one process sends small requests at a steady rate, each timed from when it was due, on a
connection that is kept; and, in every second run, another reads the large file, once, at whatever rate it comes, and the small
requests last as long as that. Before the two runs the page cache forgets the file. Prints p50, p99 and the longest of the small
requests without and with that client, the medians of each round's ratio, how fast the file came, and for how long the host kept the
server's core to itself in each (steal of /proc/stat). All servers are there from the start and take turns in every round; each is first
warmed for --warm seconds with both kinds of load. The file is made in the folder that --folder names (room for it is needed), and
removed afterwards.

At whatever rate it comes, that client and the server fill both cores, and a virtual machine whose host counts its disk's and its
memory's work against a quota of its processors then stands still for up to 30 ms of each 100. Memory is such work when what the page
cache forgot is told to the host as free (free page reporting), which Linux begins two seconds later and does for some four: so each
round rests for --rest seconds once the file is forgotten. `--pace` has the client read so many MiB a second.

Two controls. `--with nginx` measures nginx too (one worker, sendfile by its pool of threads). `--elsewhere` has, in every round, the
large file come once more from an nginx on core 1, so that the server has only the small requests: what they feel then is not the
server's doing. Where it may (as root), the small requests' process has a real-time priority: it must not wait for its neighbour, or
it would measure itself.
"""
import argparse
import gc
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
TICKS = os.sysconf("SC_CLK_TCK")
PIECE = 64 * 1024  # of a read: a process that copies is not preempted meanwhile, on most kernels
PACE_SECONDS = 0.002  # what the large file's client may be early before it rests
NGINX = """daemon off; master_process off; worker_processes 1; pid {dir}/nginx-{core}.pid; error_log stderr error;
events {{ worker_connections 512; use epoll; }}
http {{ access_log off; sendfile on; aio threads; tcp_nopush on; keepalive_requests 2000000000; keepalive_timeout 3600s;
  server {{ listen 127.0.0.1:{port}; root {dir}; }} }}
"""
LARGE = b"GET /large.bin HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--secs", type=float, default=3, help="of a run; with the large file at most")
    parser.add_argument("--warm", type=float, default=20, help="seconds for each server, of both kinds of load")
    parser.add_argument("--size", default="4G")
    parser.add_argument("--rate", type=int, default=500, help="small requests a second")
    parser.add_argument("--pace", type=int, default=0, help="MiB a second of the large file (default: as they come)")
    parser.add_argument("--rest", type=float, default=8, help="seconds from when a file is forgotten to a round's first run")
    parser.add_argument("--modes", default="", help="of --file-io, besides each model's own choice")
    parser.add_argument("--with", dest="peer", choices=["nginx"], help="measures that server too")
    parser.add_argument("--elsewhere", action="store_true", help="the large file comes from an nginx on core 1, too")
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


def forget_and_rest(folder, secs):
    forget(folder)
    time.sleep(secs)


def start(folder, model, mode):
    words = ["taskset", "-c", "0", os.path.join(models.ROOT, "sluice"), "serve", folder, "--port", "0", "--model", model]
    server = subprocess.Popen(words + (["--file-io", mode] if mode else []), stdout=subprocess.PIPE, text=True)
    found = models.listening(server, model, r"listening on http://[^ ]*:(\d+) .*files by (\w+)")
    return server, int(found.group(1)), found.group(2)


def start_nginx(folder, core):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = os.path.join(folder, f"nginx-{core}.conf")
    with open(config, "w") as file:
        file.write(NGINX.format(dir=folder, core=core, port=port))
    server = subprocess.Popen(["taskset", "-c", str(core), "nginx", "-e", "stderr", "-c", config])
    models.await_listening(port, server)
    return server, port


def read_large(port, secs, pace):
    """Reads the file, for so long at most; how many bytes came, and the seconds. Says when it begins."""
    came, buffer = 0, bytearray(PIECE)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(60)
        print("begins", flush=True)
        begin = time.monotonic()
        connection.sendall(LARGE)
        while time.monotonic() - begin < secs:
            count = connection.recv_into(buffer)
            if count == 0:
                break
            came += count
            ahead = begin + came / (pace << 20) - time.monotonic() if pace else 0
            if ahead > PACE_SECONDS:
                time.sleep(ahead)
    print(came, time.monotonic() - begin)


def come_first():
    """Has this process run when it can, whoever else is on its core."""
    gc.disable()
    os.sched_setaffinity(0, {1})
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(10))
    except PermissionError:
        print("no real-time priority for the small requests' process: it may measure its own waits", file=sys.stderr)


def small_requests(port, rate, secs, over=lambda: False):
    """The latencies of small requests, in microseconds, each from when it was due; until a time or until it's over."""
    seen = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begin = time.monotonic()
        for number in range(int(secs * rate)):
            if over():
                break
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


def stolen():
    """For how long the host has kept core 0 to itself, in ticks (proc_stat(5), steal)."""
    with open("/proc/stat") as file:
        return next(int(line.split()[8]) for line in file if line.startswith("cpu0 "))


def alone(port, rate, secs):
    before = stolen()
    return figures(small_requests(port, rate, secs), 0, stolen() - before)


def beside(port, large_port, rate, secs, pace=0):
    """The same while the large file comes from a port, which is measured, too."""
    words = [sys.executable, os.path.abspath(__file__), "--reader", str(large_port), str(secs), str(pace)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as reader:
        reader.stdout.readline()
        before = stolen()
        seen = small_requests(port, rate, 2 * secs, lambda: reader.poll() is not None)
        came, took = map(float, reader.stdout.readline().split())
    return figures(seen, came / took, stolen() - before)


def figures(seen, rate, steal):
    ms = steal * 1000 // TICKS
    return {"p50": seen[len(seen) // 2], "p99": seen[len(seen) * 99 // 100], "max": seen[-1], "rate": rate, "stolen": ms}


def compiling(pid):
    """The processor time that a JVM's compilers have taken, in ticks. 0 for any other process."""
    ticks = 0
    for child in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{child}/stat") as file:
            name, _, rest = file.read().partition("(")[2].rpartition(")")
            if name.startswith(("C1 Comp", "C2 Comp")):
                ticks += sum(map(int, rest.split()[11:13]))
    return ticks


class Measured:
    """A server, and what was measured of it: for each round the small requests alone, beside the file, beside it elsewhere."""

    def __init__(self, folder, model, mode):
        self.model = model
        self.rounds = []
        self.server, self.port, self.io = start_nginx(folder, 0) + ("threads",) if model == "nginx" else start(folder, model, mode)

    def warm(self, folder, secs):
        end = time.monotonic() + secs
        while time.monotonic() < end:
            small_requests(self.port, 3000, 1)
            forget(folder)
            beside(self.port, self.port, 3000, 1)

    def round(self, options, folder, elsewhere):
        before = compiling(self.server.pid)
        forget_and_rest(folder, options.rest)
        row = [alone(self.port, options.rate, options.secs)]
        row.append(beside(self.port, self.port, options.rate, options.secs, options.pace))
        if elsewhere:
            forget_and_rest(folder, options.rest)
            row.append(beside(self.port, elsewhere, options.rate, options.secs, options.pace))
        self.rounds.append(row)
        row[0]["compiled"] = (compiling(self.server.pid) - before) * 1000 // TICKS

    def print(self):
        first = [row[0] for row in self.rounds]
        middle = lambda rows, name: statistics.median(row[name] for row in rows)
        for where, seconds in zip((self.io, "elsewhere"), list(zip(*self.rounds))[1:]):
            ratios = [b["p99"] / a["p99"] for a, b in zip(first, seconds)]
            print(f"| {self.model} | {where} | {middle(first, 'p50'):.0f} / {middle(seconds, 'p50'):.0f} "
                  f"| {middle(first, 'p99'):.0f} / {middle(seconds, 'p99'):.0f} "
                  f"| {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) "
                  f"| {middle(first, 'max'):.0f} / {middle(seconds, 'max'):.0f} | {middle(seconds, 'rate') / (1 << 20):.0f} "
                  f"| {middle(first, 'compiled'):.0f} "
                  f"| {middle(first, 'stolen'):.0f} / {middle(seconds, 'stolen'):.0f} |", flush=True)


def main():
    if sys.argv[1:2] == ["--reader"]:
        os.sched_setaffinity(0, {1})
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))  # the small requests' process goes first
        read_large(int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
        return
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="sluice-bigfile-", dir=options.folder) as folder:
        os.chmod(folder, 0o755)
        make_site(folder, int(options.size[:-1]) * UNITS[options.size[-1]])
        come_first()
        neighbour, elsewhere = start_nginx(folder, 1) if options.elsewhere else (None, None)
        measured = []
        try:
            for model in (options.models or ["epoll", "io_uring"]) + [name for name in [options.peer] if name]:
                for mode in [""] + [m for m in options.modes.split(",") if m and model != "nginx"]:
                    measured.append(Measured(folder, model, mode))
            for each in measured:
                each.warm(folder, options.warm)
            for _ in range(options.rounds):
                for each in measured:
                    each.round(options, folder, elsewhere)
        finally:
            for server in [each.server for each in measured] + [neighbour] * options.elsewhere:
                models.end(server)
        print("microseconds, without / with the client that reads the large file\n\n| server | the file by | p50 | p99 "
              "| x its p99 (min-max) | longest | file MiB/s | compilers, ms a round | stolen, ms |\n|---|---|---|---|---|---|---|---|---|")
        for each in measured:
            each.print()


main()
