#!/usr/bin/env python3
"""Static files: models against nginx, in turns. Server on core 0, wrk on core 1.

usage: bench/files.py [--rounds 9] [--secs 3] [--sizes 1K,64K,1M,1G] [MODEL ...]

Prints CPU time a request, and its median ratio to nginx's (sendfile on, no access log); throughput beside it. "nginx again" is a second
nginx: no difference below its spread is one.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import models

SIZES = {"1K": 1 << 10, "64K": 1 << 16, "1M": 1 << 20, "1G": 1 << 30}
CONNECTIONS = {"1K": 64, "64K": 64, "1M": 16, "1G": 2}
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
TICKS = os.sysconf("SC_CLK_TCK")
NGINX = """daemon off; master_process off; worker_processes 1; pid {dir}/{port}.pid; error_log stderr error;
events {{ worker_connections 4096; use epoll; }}
http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 2000000000; keepalive_timeout 3600s;
  default_type application/octet-stream; server {{ listen 127.0.0.1:{port} backlog=4096; root {dir}/site; }} }}
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--secs", type=int, default=3)
    parser.add_argument("--sizes", default="1K,64K,1M,1G")
    parser.add_argument("--port", type=int, default=18700)
    return parser.parse_args()


def site(folder):
    os.mkdir(os.path.join(folder, "site"))
    for name, size in SIZES.items():
        with open(os.path.join(folder, "site", name + ".bin"), "wb") as file:
            for at in range(0, size, 1 << 20):
                file.write(os.urandom(min(size - at, 1 << 20)))


def start_nginx(folder, port):
    config = os.path.join(folder, f"{port}.conf")
    with open(config, "w") as file:
        file.write(NGINX.format(dir=folder, port=port))
    os.chmod(folder, 0o755)
    return subprocess.Popen(["taskset", "-c", "0", "nginx", "-e", "stderr", "-c", config])


def start_sluice(folder, model):
    server = subprocess.Popen(
        ["taskset", "-c", "0", os.path.join(models.ROOT, "sluice"), "serve", os.path.join(folder, "site"), "--port", "0",
         "--model", model, "--idle-timeout", "1h"], stdout=subprocess.PIPE, text=True)
    return server, int(models.listening(server, model).group(1))


def load(pid, port, size, secs):
    """CPU microseconds and count of the requests that a run made."""
    before = models.tree_cpu(pid)
    text = subprocess.run(
        ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS[size]}", f"-d{secs}s", "--timeout", "30s",
         f"http://127.0.0.1:{port}/{size}.bin"], stdout=subprocess.PIPE, text=True, check=True).stdout
    after = models.tree_cpu(pid)
    answers, read, unit = re.search(r"(\d+) requests in [^,]+, ([\d.]+)([KMGT]?)B read", text).groups()
    if answers == "0" or "Non-2xx" in text:
        sys.exit(f"no answers:\n{text}")
    # Few of the largest are whole when the time is over, and what was sent of the others took its CPU time as well.
    count = float(read) * UNITS[unit] / SIZES[size] if size == "1G" else int(answers)
    cpu = (sum(after) - sum(before)) / TICKS * 1e6 / count
    return cpu, count / secs


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="sluice-files-") as folder:
        site(folder)
        servers = {}
        try:
            for at, name in enumerate(("nginx", "nginx again")):
                servers[name] = (start_nginx(folder, options.port + at), options.port + at)
            for model in options.models or ["epoll"]:
                servers[model] = start_sluice(folder, model)
            time.sleep(1)
            for size in options.sizes.split(","):
                measure(options, servers, size)
        finally:
            for server, _ in servers.values():
                models.end(server)


def measure(options, servers, size):
    secs = max(options.secs, 6) if size == "1G" else options.secs
    seen = {name: [] for name in servers}
    for name, (server, port) in servers.items():
        load(server.pid, port, size, 4)  # compiled, and the file is in the page cache
    for _ in range(options.rounds):
        for name, (server, port) in servers.items():
            seen[name].append(load(server.pid, port, size, secs))
    print(f"\n| {size} | CPU us/request | x nginx (min-max) | requests/s x nginx |\n|---|---|---|---|")
    for name in servers:
        ratios = [mine[0] / theirs[0] for mine, theirs in zip(seen[name], seen["nginx"])]
        rates = [mine[1] / theirs[1] for mine, theirs in zip(seen[name], seen["nginx"])]
        print(f"| {name} | {statistics.median(cpu for cpu, _ in seen[name]):.1f} | {statistics.median(ratios):.2f} "
              f"({min(ratios):.2f}-{max(ratios):.2f}) | {statistics.median(rates):.2f} |", flush=True)


main()
