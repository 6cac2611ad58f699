#!/usr/bin/env python3
"""Shows what --balance does: two pinned loops, a few busy connections that all begin on one of them.

usage: bench/balance.py [--connections 4] [--secs 8] [--cpu-per-request 200us] [MODEL ...]

The kernel spreads newcomers by a hash, so connections are opened until enough of them are on the first loop, as the processor time
of the loops' threads tells; the others are closed. Each connection then has a process of its own that asks and waits for the
answer. Told are requests a second, for each second, and the processor time of the server for each request of the last half.
"""
import argparse
import multiprocessing
import os
import signal
import socket
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL", default=["epoll", "io_uring"])
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--secs", type=int, default=8)
    parser.add_argument("--cpu-per-request", default="200us")
    return parser.parse_args()


def start(model, balance, cost):
    """The server's process, and its port."""
    command = [os.path.join(ROOT, "sluice"), "serve", "--respond", "Hello, world!", "--port", "0", "--model", model,
               "--loops", "2", "--pin", "--balance", balance, "--cpu-per-request", cost]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in server.stdout:
        if "http://" in line:
            return server, int(line.split("http://", 1)[1].split(":", 1)[1].split("/", 1)[0].split()[0])
    raise SystemExit("the server did not start: " + server.stderr.read())


def ask(connection):
    connection.sendall(REQUEST)
    if not connection.recv(4096):
        raise SystemExit("a connection was closed")


def loops(pid, model):
    """The tasks of the loops' threads, the first loop's first."""
    name = f"sluice-{model}-0"[:15].rstrip("-0")
    tasks = [int(t) for t in os.listdir(f"/proc/{pid}/task")]
    return sorted(t for t in tasks if open(f"/proc/{pid}/task/{t}/comm").read().startswith(name))


def ticks(path):
    fields = open(path).read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def on_first_loop(pid, model, port, count):
    """So many connections that are all on the first loop."""
    first, second = (f"/proc/{pid}/task/{task}/stat" for task in loops(pid, model))
    kept = []
    while len(kept) < count:
        connection = socket.create_connection(("127.0.0.1", port))
        before = ticks(first), ticks(second)
        while ticks(first) + ticks(second) < sum(before) + 5:
            ask(connection)
        if ticks(first) - before[0] > ticks(second) - before[1]:
            kept.append(connection)
        else:
            connection.close()
    return kept


def busy(connection, counter):
    while True:
        ask(connection)
        counter.value += 1


def measure(model, balance, args):
    server, port = start(model, balance, args.cpu_per_request)
    kept = on_first_loop(server.pid, model, port, args.connections)
    counters = [multiprocessing.Value("q", 0, lock=False) for _ in kept]
    clients = [multiprocessing.Process(target=busy, args=each, daemon=True) for each in zip(kept, counters)]
    for client in clients:
        client.start()
    done = [sum(c.value for c in counters)]
    stat = f"/proc/{server.pid}/stat"
    for second in range(args.secs):
        if second == args.secs // 2:
            half = ticks(stat), done[-1]
        time.sleep(1)
        done.append(sum(c.value for c in counters))
    cpu = (ticks(stat) - half[0]) * TICK_SECONDS / (done[-1] - half[1])
    for client in clients:
        client.kill()
    server.send_signal(signal.SIGTERM)
    stopped = [line for line in server.communicate()[1].splitlines() if line.startswith("stopped:")]
    rates = [b - a for a, b in zip(done, done[1:])]
    print(f"{model} --balance {balance}: requests/s " + " ".join(map(str, rates)) + f"; {cpu * 1e6:.0f} us of CPU a request; "
          + (stopped[0] if stopped else "no summary"), flush=True)


def main():
    args = arguments()
    for model in args.models:
        for balance in ("off", "on"):
            measure(model, balance, args)


if __name__ == "__main__":
    main()
