#!/usr/bin/env python3
"""Measures the proxy against HAProxy and nginx: a proxy on core 0; wrk and the back end, a C floor, on core 1.

usage: bench/proxy.py [--rounds 5] [--secs 4] [--warm 6] [--connections 64] [--tcp] [--size BYTES] [--rate N]
                      [--models epoll,io_uring] [--backend COMMAND] [--port 18700] [--out FILE]

All proxies run at once and take turns in every round, each with one thread and connections that are kept on both sides.
Prints, for each, the medians of CPU time a request, its ratio to the better one of HAProxy and nginx in the same round, p99
and throughput. The back end is floor_epoll of the harness (../shared/bench, whose README says how to build it); {port} in
another --backend stands for the port. With --tcp all of them relay bytes instead. With --size the answer is a file of so many
bytes, which nginx serves, and CPU time is told for each byte.

wrk asks again as soon as it is answered, so that all queue wherever the slowest of proxy, back end and wrk is, and p99 tells of
that; for an answer that took long it adds those that would have been asked meanwhile, so that a few stops make its p99. With --rate "sluice load" offers all proxies the same number of requests a second instead, and p99 counts from when each
was due.
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

PEERS = ["haproxy", "nginx"]
WARMUP_SECONDS = 2
STREAM = "/usr/lib/nginx/modules/ngx_stream_module.so"  # Debian's libnginx-mod-stream


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--secs", type=int, default=4)
    parser.add_argument("--warm", type=int, default=6)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--tcp", action="store_true")
    parser.add_argument("--size", type=int)
    parser.add_argument("--rate", type=int)
    parser.add_argument("--models", default="epoll,io_uring")
    parser.add_argument("--backend", default=os.path.expanduser("~/.cache/sluice-bench/bin/floor_epoll") + " {port}")
    parser.add_argument("--port", type=int, default=18700)
    parser.add_argument("--out")
    return parser.parse_args()


def program(name):
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    return found or sys.exit(f"{name} is missing: install Debian's package {name}")


def on_core(core, *command):
    return ["taskset", "-c", str(core), *command]


def haproxy(folder, port, to, tcp):
    path = os.path.join(folder, "haproxy.cfg")
    with open(path, "w") as f:
        f.write(f"global\n nbthread 1\n maxconn 4096\ndefaults\n mode {'tcp' if tcp else 'http'}\n timeout client 1m\n"
                f" timeout server 1m\n timeout connect 2s\n" + ("" if tcp else " option forwardfor\n http-reuse always\n")
                + f"listen all\n bind 127.0.0.1:{port}\n server one 127.0.0.1:{to}\n")
    return [program("haproxy"), "-db", "-f", path]


def nginx(folder, port, to, tcp):
    path = os.path.join(folder, "nginx.conf")
    head = (f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit;\n"
            "events { worker_connections 4096; }\n")
    if tcp:
        text = f"load_module {STREAM};\n{head}stream {{ server {{ listen 127.0.0.1:{port}; proxy_pass 127.0.0.1:{to}; }} }}\n"
    else:
        temp = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in
                       ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        text = (f"{head}http {{ access_log off; keepalive_requests 1000000000; {temp}"
                f"upstream all {{ server 127.0.0.1:{to}; keepalive 128; keepalive_requests 1000000000; }}\n"
                f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://all; proxy_http_version 1.1;\n"
                "proxy_set_header Connection \"\"; proxy_set_header Host $host;\n"
                "proxy_set_header X-Forwarded-For $remote_addr; } } }\n")
    with open(path, "w") as f:
        f.write(text)
    return [program("nginx"), "-p", folder, "-c", path]


def file_server(folder, port, size):
    root = os.path.join(folder, "files")
    os.mkdir(root)
    with open(os.path.join(root, "plaintext"), "wb") as f:
        f.write(os.urandom(size))
    path = os.path.join(folder, "files.conf")
    with open(path, "w") as f:
        f.write(f"daemon off; worker_processes 1; pid {folder}/files.pid; error_log stderr crit;\n"
                "events { worker_connections 4096; }\n"
                "http { access_log off; sendfile on; keepalive_requests 1000000000;\n"
                f"server {{ listen 127.0.0.1:{port}; root {root}; }} }}\n")
    return [program("nginx"), "-p", folder, "-c", path]


def sluice(model, port, to, tcp):
    return [os.path.join(models.ROOT, "sluice"), "proxy", "--model", model, "--loops", "1", "--port", str(port),
            "--to", f"127.0.0.1:{to}"] + (["--tcp"] if tcp else [])


def measure(pid, port, args):
    before = sum(models.tree_cpu(pid))
    words = on_core(1, program("wrk"), "-t1", f"-c{args.connections}", f"-d{args.secs}s", "--latency",
                    f"http://127.0.0.1:{port}/plaintext")
    ran = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    ticks = sum(models.tree_cpu(pid)) - before
    done = re.search(r"(\d+) requests in", ran.stdout)
    if ran.returncode != 0 or not done or "Non-2xx" in ran.stdout or "Socket errors" in ran.stdout:
        sys.exit(f"failed: {' '.join(words)}\n{ran.stdout}")
    seconds = ticks / os.sysconf("SC_CLK_TCK")
    return {"cpu_us": seconds * 1e6 / int(done.group(1)), "p99_us": models.wrk_micros(ran.stdout, 99),
            "rps": float(re.search(r"Requests/sec:\s+([\d.]+)", ran.stdout).group(1))}


def offer(pid, port, args):
    """The same in an open loop."""
    before = sum(models.tree_cpu(pid))
    words = on_core(1, os.path.join(models.ROOT, "sluice"), "load", f"http://127.0.0.1:{port}/plaintext", "--rate", str(args.rate),
                    "-c", str(args.connections), "--warmup", f"{WARMUP_SECONDS}s", "-d", f"{args.secs}s", "--json")
    ran = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    ticks = sum(models.tree_cpu(pid)) - before
    found = json.loads(ran.stdout) if ran.returncode == 0 else {}
    if not found.get("rateHeld") or any(found["errorsCount"].values()):
        sys.exit(f"failed: {' '.join(words)}\n{ran.stdout}")
    seconds = ticks / os.sysconf("SC_CLK_TCK")
    return {"cpu_us": seconds * 1e6 / (args.rate * (args.secs + WARMUP_SECONDS)), "p99_us": found["latency"]["p99Micros"],
            "rps": found["requestsPerSecond"]}


def table(rounds, size):
    print(f"| proxy | CPU {'ns/byte' if size else 'us/request'} | x better peer (min-max) | p99 us | requests/s |\n|---|---|---|---|---|")
    for name in rounds[0]:
        of = [seen[name] for seen in rounds]
        ratios = [seen[name]["cpu_us"] / min(seen[peer]["cpu_us"] for peer in PEERS) for seen in rounds]
        median = {key: statistics.median(row[key] for row in of) for key in of[0]}
        cpu = f"{median['cpu_us'] * 1e3 / size:.3f}" if size else f"{median['cpu_us']:.2f}"
        print(f"| {name} | {cpu} | {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) "
              f"| {median['p99_us']:.0f} | {median['rps']:.0f} |")


def main():
    args = arguments()
    if args.tcp and not os.path.exists(STREAM):
        print("nginx is left out: it relays bytes with Debian's package libnginx-mod-stream only", flush=True)
        PEERS.remove("nginx")
    backend_port = args.port
    running = []
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # nginx's worker is another user
        try:
            command = (file_server(folder, backend_port, args.size) if args.size else
                       [word.replace("{port}", str(backend_port)) for word in shlex.split(args.backend)])
            running.append(subprocess.Popen(on_core(1, *command), stdout=subprocess.DEVNULL))
            models.await_listening(backend_port, running[0])
            targets = {}
            names = PEERS + args.models.split(",")
            for number, name in enumerate(names, 1):
                port = args.port + number
                command = (haproxy(folder, port, backend_port, args.tcp) if name == "haproxy" else
                           nginx(folder, port, backend_port, args.tcp) if name == "nginx" else
                           sluice(name, port, backend_port, args.tcp))
                process = subprocess.Popen(on_core(0, *command), stdout=subprocess.DEVNULL)
                running.append(process)
                models.await_listening(port, process)
                targets[name] = (process.pid, port)
            warm = argparse.Namespace(**{**vars(args), "secs": args.warm})
            for name in args.models.split(","):
                measure(*targets[name], warm)
            rounds = []
            for number in range(args.rounds):
                order = names if number % 2 == 0 else names[::-1]
                seen = {name: (offer if args.rate else measure)(*targets[name], args) for name in order}
                rounds.append({name: seen[name] for name in names})
                print("  ".join(f"{name} {seen[name]['cpu_us']:.2f} us" for name in names), flush=True)
            table(rounds, args.size)
            if args.out:
                with open(args.out, "w") as f:
                    json.dump(rounds, f, indent=1)
        finally:
            for process in reversed(running):
                models.end(process)


main()
