#!/usr/bin/env python3
"""Minutes of load at most of capacity: does memory, descriptors or latency grow, what is allocated, what does the collector do?

usage: bench/soak.py [--model epoll] [--minutes 10] [--share 0.9] [--connections 64] [--work 20us]

The server is on core 0 under Flight Recorder, "sluice load --rate" on core 1. The rate is that share of what a closed loop
gets. Of a bare server that fills the generator's core as well, whose own waits are then in the latencies: with --work each request
computes for so long, and the generator has time. Prints a line a minute, then what the recording says of the loop's thread and of
the collector.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

import models


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="epoll")
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--share", type=float, default=0.9)
    parser.add_argument("--connections", default="64")
    parser.add_argument("--work", help="what each request computes, as in 20us (default: nothing)")
    return parser.parse_args()


def load(port, options, seconds, rate):
    words = ["taskset", "-c", "1", os.path.join(models.ROOT, "sluice"), "load", f"http://127.0.0.1:{port}/",
             "--connections", options.connections, "--duration", f"{seconds}s", "--warmup", "2s", "--json"]
    ran = subprocess.run(words + (["--rate", str(rate)] if rate else []), stdout=subprocess.PIPE, text=True)
    if ran.returncode != 0:
        sys.exit(f"failed: {' '.join(words)}\n{ran.stdout}")
    return json.loads(ran.stdout)


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024


def recorded(file, event):
    """The events of a kind, from the recording."""
    java = os.path.join(os.environ["JAVA_HOME"], "bin", "jfr")
    text = subprocess.run([java, "print", "--json", "--events", event, file], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    return [found["values"] for found in json.loads(text)["recording"]["events"]]


def report(file, model, requests):
    allocated = [each["allocated"] for each in recorded(file, "jdk.ThreadAllocationStatistics")
                 if each["thread"]["javaName"] == f"sluice-{model}-0"]
    if len(allocated) > 1:
        grown = allocated[-1] - allocated[0]
        print(f"the loop's thread allocated {grown} bytes in {requests} requests: {grown / requests:.4f} a request")
    pauses = [float(each["sumOfPauses"][2:-1]) * 1e3 for each in recorded(file, "jdk.GarbageCollection")]
    print(f"collections: {len(pauses)}" + (f", pauses {sum(pauses):.1f} ms in all, {max(pauses):.1f} ms the longest"
                                           if pauses else ""))


def main():
    options = arguments()
    if "JAVA_HOME" not in os.environ:
        sys.exit("set JAVA_HOME: its jfr reads the recording")
    with tempfile.TemporaryDirectory(prefix="sluice-soak-") as folder:
        file = os.path.join(folder, "soak.jfr")
        os.environ["SLUICE_JAVA_OPTS"] = f"-XX:StartFlightRecording=filename={file},settings=default,jdk.ThreadAllocationStatistics#period=10s -Xlog:jfr*=off"
        server, port = models.serve(options.model, *(["--cpu-per-request", options.work] if options.work else []))
        del os.environ["SLUICE_JAVA_OPTS"]
        requests = 0
        try:
            rate = int(load(port, options, 10, None)["requestsPerSecond"] * options.share)
            print(f"{options.model}, {options.connections} connections, {rate} requests/s for {options.minutes} minutes")
            print("| minute | RSS MiB | descriptors | threads | p50 us | p99 us | p99.9 us | rate held | errors |")
            print("|---|---|---|---|---|---|---|---|---|")
            for minute in range(options.minutes):
                found = load(port, options, 58, rate)
                requests += found["requestsCount"]
                latency, proc = found["latency"], f"/proc/{server.pid}"
                print(f"| {minute + 1} | {resident_mib(server.pid):.0f} | {len(os.listdir(proc + '/fd'))} "
                      f"| {len(os.listdir(proc + '/task'))} | {latency['p50Micros']:.0f} | {latency['p99Micros']:.0f} "
                      f"| {latency['p999Micros']:.0f} | {found['rateHeld']} | {sum(found['errorsCount'].values())} |", flush=True)
        finally:
            models.end(server)
        report(file, options.model, requests)


main()
