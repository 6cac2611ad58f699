#!/usr/bin/env python3
"""What small requests feel while one client reads a large file that is not in the page cache, on one loop.

usage: bench/bigfile.py [--rounds 5] [--secs 5] [--size 4G] [--rate 500] [--modes sendfile,io_uring] [--with nginx]
                        [--elsewhere] [MODEL ...]

The server is on core 0. On core 1 one process sends small requests at a steady rate, each timed from when it was due, on a
connection that is kept; and, in every second run, another reads the large file, once, at whatever rate it comes, and the small
requests last as long as that. Before it begins, the page cache forgets the file. Prints p50, p99 and the longest of the small requests
without and with that client, the medians of each round's ratio, and how fast the file came. Rounds in which the server's compilers
were at work are left out of these, counted, and their ratio told beside: it isn't warm then. The file is made in the folder
that --folder names (room for it is needed), and removed afterwards.

Two controls. `--with nginx` measures nginx too (one worker, sendfile by its pool of threads). `--elsewhere` has the large file come
from an nginx on core 1, so that the server has only the small requests: what they feel then is not the server's doing. Where it may
(as root), the small requests' process has a real-time priority: it must not wait for its neighbour, or it would measure itself.
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
COMPILING_SECS = 0.03  # in a round, of a JVM's compilers: more, and it isn't warm
PIECE = 64 * 1024  # of a read: a process that copies is not preempted meanwhile, on most kernels
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
    parser.add_argument("--secs", type=float, default=5, help="of a run; with the large file at most")
    parser.add_argument("--size", default="4G")
    parser.add_argument("--rate", type=int, default=500, help="small requests a second")
    parser.add_argument("--modes", default="", help="of --file-io, besides each model's own choice")
    parser.add_argument("--with", dest="peer", choices=["nginx"], help="measures that server too")
    parser.add_argument("--elsewhere", action="store_true", help="the large file comes from an nginx on core 1")
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


def start_nginx(folder, core):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = os.path.join(folder, f"nginx-{core}.conf")
    with open(config, "w") as file:
        file.write(NGINX.format(dir=folder, core=core, port=port))
    server = subprocess.Popen(["taskset", "-c", str(core), "nginx", "-e", "stderr", "-c", config])
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return server, port
        except OSError:
            if time.monotonic() > deadline or server.poll() is not None:
                sys.exit("nginx did not start")
            time.sleep(0.05)


def read_large(folder, port, secs):
    """Reads the file, for so long at most; how many bytes came, and the seconds. Says when it begins: to forget a file takes long."""
    forget(folder)
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


def run(options, folder, port, large_port):
    rate = 0
    if large_port is None:
        seen = small_requests(port, options.rate, options.secs)
    else:
        words = [sys.executable, os.path.abspath(__file__), "--reader", folder, str(large_port), str(options.secs)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as reader:
            reader.stdout.readline()
            seen = small_requests(port, options.rate, 2 * options.secs, lambda: reader.poll() is not None)
            came, secs = map(float, reader.stdout.readline().split())
            rate = came / secs
    return {"p50": seen[len(seen) // 2], "p99": seen[len(seen) * 99 // 100], "max": seen[-1], "rate": rate}


def compiling(pid):
    """The processor time that a JVM's compilers have taken, in ticks. 0 for any other process."""
    ticks = 0
    for child in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{child}/stat") as file:
            name, _, rest = file.read().partition("(")[2].rpartition(")")
            if name.startswith(("C1 Comp", "C2 Comp")):
                ticks += sum(map(int, rest.split()[11:13]))
    return ticks


def measure(options, folder, model, mode, elsewhere):
    server, port, io = start_nginx(folder, 0) + ("threads",) if model == "nginx" else start(folder, model, mode)
    rounds, left_out = [], []
    try:
        small_requests(port, 3000, 3)  # compiled, the most of it
        while len(rounds) < options.rounds and len(left_out) < 8:
            before = compiling(server.pid)
            pair = run(options, folder, port, None), run(options, folder, port, elsewhere or port)
            if (compiling(server.pid) - before) / TICKS > COMPILING_SECS:
                left_out.append(pair)  # they share the server's core, and hold up small requests as well
            else:
                rounds.append(pair)
    finally:
        models.end(server)
    if not rounds:
        sys.exit(f"{model}: the compilers don't rest")
    alone, beside = zip(*rounds)
    middle = lambda rows, name: statistics.median(row[name] for row in rows)
    ratios = [b["p99"] / a["p99"] for a, b in rounds]
    cold = f"{statistics.median(b['p99'] / a['p99'] for a, b in left_out):.2f}" if left_out else "-"
    print(f"| {model} | {io} | {middle(alone, 'p50'):.0f} / {middle(beside, 'p50'):.0f} "
          f"| {middle(alone, 'p99'):.0f} / {middle(beside, 'p99'):.0f} "
          f"| {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) "
          f"| {middle(alone, 'max'):.0f} / {middle(beside, 'max'):.0f} | {middle(beside, 'rate') / (1 << 20):.0f} "
          f"| {len(rounds)} / {len(left_out)} | {cold} |", flush=True)


def main():
    if sys.argv[1:2] == ["--reader"]:
        os.sched_setaffinity(0, {1})
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))  # the small requests' process goes first
        read_large(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
        return
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="sluice-bigfile-", dir=options.folder) as folder:
        os.chmod(folder, 0o755)
        make_site(folder, int(options.size[:-1]) * UNITS[options.size[-1]])
        come_first()
        neighbour, elsewhere = start_nginx(folder, 1) if options.elsewhere else (None, None)
        print("microseconds, without / with the client that reads the large file\n\n| model | --file-io | p50 | p99 "
              "| x its p99 (min-max) | longest | file MiB/s | rounds / left out | x in those left out |\n"
              "|---|---|---|---|---|---|---|---|---|", flush=True)
        try:
            for model in (options.models or ["epoll", "io_uring"]) + [name for name in [options.peer] if name]:
                for mode in [""] + [m for m in options.modes.split(",") if m and model != "nginx"]:
                    measure(options, folder, model, mode, elsewhere)
        finally:
            if neighbour:
                models.end(neighbour)


main()
