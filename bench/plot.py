#!/usr/bin/env python3
"""Draws the plots of docs/findings.md from the comparisons that bench/findings.sh made, with gnuplot.

usage: bench/plot.py RUNS PLOTS     folders; a plot whose run is missing is left out

A point is the median of its rounds, its bar the least and the greatest round.
"""
import json
import os
import subprocess
import sys

SIZE = "900,400"
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999", "#7a5195"]

FIGURES = {
    "rate": ("requests a second", lambda f: f["requestsPerSecond"]),
    "p50": ("p50 (µs)", lambda f: f["p50Micros"]),
    "p99": ("p99 (µs)", lambda f: f["p99Micros"]),
    "p999": ("p99.9 (µs)", lambda f: f["p999Micros"]),
    "cpu": ("CPU a request (µs)", lambda f: f["cpuMicros"]),
    "cores": ("CPU used (% of a core)", lambda f: f["cpuMicros"] * f["requestsPerSecond"] / 1e4),
    "calls": ("system calls a request", lambda f: f["systemCallsPerRequest"]),
    "switches": ("context switches a request", lambda f: f["contextSwitchesPerRequest"]),
    "memory": ("resident memory (MiB)", lambda f: f["residentBytes"] / 2**20),
    "threads": ("threads", lambda f: f["threadsCount"]),
}

# plot, run, figures (one panel each), which axes are logarithmic
CURVES = [
    ("01-threads-and-events", "threads-events", ["rate", "memory"], "xy"),
    ("02-idle-connections", "idle", ["p50", "cpu"], "xy"),
    ("03-sleeping-polls", "sleep", ["p50", "cores"], "xy"),
    ("07-system-calls", "calls", ["calls", "cpu"], "x"),
    ("08-prefork", "prefork", ["memory", "cpu"], "xy"),
    ("10-virtual-threads", "virtual", ["rate", "memory"], "xy"),
]
# plot, runs, figures; the axis of bars is logarithmic, for they differ by orders of magnitude
BARS = [
    ("04-no-load", ["no-load"], ["cores", "p50"]),
    ("05-slow-handler", ["slow-handler"], ["p99", "p50"]),
    ("06-edge-triggering", ["edge-plaintext", "edge-pipelined", "edge-files-large"], ["calls", "cpu"]),
    ("09-loops", ["loops", "loops-plain"], ["rate", "cpu"]),
]


def read(runs, name):
    path = os.path.join(runs, name, "results.json")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return json.load(file)


def spread(point, figure):
    of = FIGURES[figure][1]
    try:
        rounds = [of(one["figures"]) for one in point["rounds"]]
        return of(point["median"]), min(rounds), max(rounds)
    except TypeError:
        return None  # unknown in a round


def gnuplot(path, panels, script):
    subprocess.run(["gnuplot"], input=f"""
set terminal svg size {SIZE} dynamic noenhanced font 'sans-serif,13' background '#ffffff'
set output '{path}'
set border 3 lc '#444444'
set tics nomirror out
set grid ytics lc '#dddddd'
set multiplot layout 1,{panels}
{script}
unset multiplot
""", text=True, check=True)


def curves(results, figures, log, path):
    script = ""
    for figure in figures:
        blocks, plots = "", []
        for number, server in enumerate(results["servers"]):
            rows = [(point["value"], spread(point, figure)) for point in server["points"]]
            rows = [(max(x, 1) if "x" in log else x, y) for x, y in rows if y]
            if rows:
                blocks += f"$s{number} << EOD\n" + "".join(f"{x} {y[0]} {y[1]} {y[2]}\n" for x, y in rows) + "EOD\n"
                colour = COLOURS[number % len(COLOURS)]
                plots.append(f"$s{number} using 1:2:3:4 with yerrorlines lw 2 pt 7 ps 0.6 lc '{colour}' "
                             f"title '{server['name']}'")
        script += f"""{blocks}
set key below center horizontal font ',11'
set title '{FIGURES[figure][0]}'
set xlabel '{results["workload"]["sweep"]}'
unset logscale
set logscale {log}
set format x '%.0f'
{"set yrange [*:*]" if "y" in log else "set yrange [0:*]"}
plot {", ".join(plots)}
"""
    gnuplot(path, len(figures), script)


def bars(all_results, figures, path):
    script = ""
    for figure in figures:
        rows = []
        for results in all_results:
            many = len(all_results) > 1
            for server in results["servers"]:
                for point in server["points"]:
                    seen = spread(point, figure)
                    if seen:
                        rows.append((label(results, server, many), *seen))
        data = "".join(f'"{name}" {y} {low} {high}\n' for name, y, low, high in rows)
        script += f"""$d << EOD
{data}EOD
unset key
set title '{FIGURES[figure][0]}'
set style fill solid 0.8 noborder
set boxwidth 0.6
set xtics rotate by -35 font ',11'
set bmargin 8
set rmargin 8
set logscale y
set yrange [{min(low for _, _, low, _ in rows) / 3}:{max(high for _, _, _, high in rows) * 1.5}]
plot $d using 0:2:xtic(1) with boxes lc '{COLOURS[0]}', $d using 0:3:(0):($4-$3) with vectors nohead lw 2 lc '#444444'
"""
    gnuplot(path, len(figures), script)


def label(results, server, many):
    if not many:
        return server["name"]
    cost = results["workload"]["settings"].get("serve.cpu-per-request")
    return f"{server['name']} {cost + ' handler' if cost else results['workload']['preset']}"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    runs, plots = sys.argv[1:]
    os.makedirs(plots, exist_ok=True)
    for plot, run, figures, log in CURVES:
        results = read(runs, run)
        if results:
            curves(results, figures, log, os.path.join(plots, plot + ".svg"))
    for plot, names, figures in BARS:
        found = [results for results in (read(runs, name) for name in names) if results]
        if found:
            bars(found, figures, os.path.join(plots, plot + ".svg"))


main()
