#!/usr/bin/env python3
"""Compares the orders of events of real runs with those of simulated worlds: the same services, the same clients.

usage: bench/orders.py [--models epoll,epoll-et,io_uring,poll] [--only NAME,…] [--verbose]

For each scenario, a real server runs under strace(1) and a client takes the steps of a script; the same service and the same
script run in a world (no faults, 10 us of latency). Compared are, of the listener and of each connection, the calls with their
results, the readiness that waits told, and what the session was told in between; and what the client saw. Of models whose
calls strace can't show as such (all but epoll and epoll-et), what the session and the client were told.

Normalized is what is time's and not the kernel's: counts from 4,000 on are "many", and what repeats is told once. Prints each
difference, and a table at the end; exits with 1 where there is one. Needs strace, JAVA_HOME at a JDK of 25 or newer, and a build: mvn package -DskipTests.
"""
import argparse
import errno
import glob
import os
import platform
import re
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BENEATH = {"epoll": "level", "epoll-et": "edge", "io_uring": "ring", "poll": "level", "select": "level"}
TRACED = ("epoll", "epoll-et")
STEP_SECONDS = 0.06
SETTLE_SECONDS = 0.5
DRAIN_SECONDS = 10
MANY = 4_000

# name: service (OrdersService.Kind), script (OrdersClient.play)
SCENARIOS = {
    "echo": ("echo", "a.connect a.send:5 a.read a.end a.drain a.close"),
    "several packets and FIN": ("hold_opened", "a.connect a.send:5 a.send:7 a.end wait:500 a.drain a.close"),
    "one packet of data and FIN": ("hold_opened", "a.connect a.sendend:5 wait:500 a.drain a.close"),
    "server speaks first": ("speak", "a.connect a.read a.send:5 a.read a.end a.drain a.close"),
    "connect and FIN at once": ("hold_opened", "a.connect+a.end wait:500 a.drain a.close"),
    "connect and close before accept": ("hold_received", "a.connect a.send:5 b.connect+b.close wait:500 a.end a.drain a.close"),
    "connect and RST before accept": ("hold_received", "a.connect a.send:5 b.connect+b.reset wait:500 a.end a.drain a.close"),
    "data and RST before accept": ("hold_received", "a.connect a.send:5 b.connect+b.send:7 b.reset wait:500 a.end a.drain a.close"),
    "accept when the backlog waits": ("hold_received", "a.connect a.send:5 b.connect c.connect b.send:7 wait:500 b.read a.end b.end c.end wait:60 a.drain b.drain c.drain a.close b.close c.close"),
    "RST, nothing unread": ("echo", "a.connect a.send:5 a.read a.reset"),
    "RST behind unread data": ("hold_opened", "a.connect a.send:5 a.reset"),
    "RST behind data and FIN": ("hold_opened", "a.connect a.send:5 a.end a.reset"),
    "RST while reading is paused": ("pause", "a.connect a.reset"),
    "RST behind data while paused": ("pause", "a.connect a.send:5 a.reset"),
    "FIN while reading is paused": ("pause", "a.connect a.send:5 a.end wait:500 a.drain a.close"),
    "RST while output waits": ("large", "a.connect a.send:5 wait:200 a.reset"),
    "RST while output waits, loop held": ("large_hold", "a.connect a.send:5 wait:450 a.send:7 a.reset"),
    "large output, slow reader": ("large", "a.connect a.send:5 wait:200 a.drain wait:1000 a.end wait:1000 a.close"),
    "server ends first": ("end", "a.connect a.send:5 a.read a.send:7 a.send:9 a.end a.close"),
    "server ends first, then RST": ("end", "a.connect a.send:5 a.read a.send:7 a.reset"),
    "write to a peer that has closed": ("write_on", "a.connect a.close wait:1200"),
    "write to a peer that closed with input unread": ("write_on", "a.connect a.send:5 a.close wait:1200"),
    "server closes": ("close", "a.connect a.send:5 a.read a.close"),
    "server closes, the client sends on": ("close", "a.connect a.send:5 a.send:7 a.read a.close"),
    "server closes, the client stays": ("close", "a.connect a.send:5 wait:1500 a.drain a.close"),
    "close with unread input": ("close_unread", "a.connect a.send:5 wait:500 a.read a.end a.drain a.close"),
    "abort (SO_LINGER 0)": ("abort", "a.connect a.send:5 a.read a.close"),
    "abort with unread input": ("abort_unread", "a.connect a.send:5 wait:500 a.read a.close"),
    "abort behind the peer's FIN": ("abort_unread", "a.connect a.end wait:500 a.read a.close"),
    "dial where nobody listens": ("dial", "a.connect a.send:5 a.read a.end a.drain a.close"),
    "EMFILE at accept": ("echo", "limit a.connect a.send:5 wait:200 unlimit wait:1500 a.read a.end a.drain a.close"),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="epoll,epoll-et,io_uring,poll")
    parser.add_argument("--only", help="names of scenarios, or parts of them")
    parser.add_argument("--verbose", action="store_true", help="tell what is equal, too")
    return parser.parse_args()


def java(*words):
    home = os.environ.get("JAVA_HOME")
    path = [os.path.join(ROOT, "sluice-core", "target", "test-classes")]  # jars need no descriptor for a further class
    path += [jar for module in ("core", "os") for jar in glob.glob(os.path.join(ROOT, f"sluice-{module}", "target", "*.jar"))]
    path += [os.path.join(ROOT, "sluice-cli", "target", "lib", "*")]
    return [os.path.join(home, "bin", "java") if home else "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED", "--add-opens", "java.base/java.lang=ALL-UNNAMED",
            "-cp", ":".join(path), "dev.sluice.sim.Orders", *words]


# ---- the client on a real kernel

class Client:
    def __init__(self, port, pid):
        self.port, self.pid, self.sockets, self.told, self.threads = port, pid, {}, [], []

    def play(self, script):
        for group in script.split(" "):
            if group.startswith("wait:"):
                time.sleep(int(group[5:]) / 1000)
                continue
            begun = time.monotonic()
            for step in group.split("+"):
                self.take(step)
            time.sleep(max(0.0, STEP_SECONDS - (time.monotonic() - begun)))
        for thread in self.threads:
            thread.join()
        time.sleep(SETTLE_SECONDS)
        return self.told

    def take(self, step):
        if step in ("limit", "unlimit"):
            hard = resource.prlimit(self.pid, resource.RLIMIT_NOFILE)[1]
            resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (lowest_free(self.pid) if step == "limit" else hard, hard))
            return
        who, what = step.split(".", 1)
        what, _, count = what.partition(":")
        if what == "connect":
            self.sockets[who] = socket.create_connection(("127.0.0.1", self.port))
            return
        getattr(self, what)(who, self.sockets[who], int(count or 0))

    def tell(self, who, what, call):
        at = len(self.told)  # what it brings about may be told by another thread before it returns
        try:
            answer = call() or 0
        except OSError as e:
            answer = errno.errorcode[e.errno]
        self.told.insert(at, f"{who} {what} {answer}")

    def send(self, who, end, count):
        self.tell(who, "sends", lambda: end.send(bytes(count), socket.MSG_NOSIGNAL))

    def end(self, who, end, _):
        self.tell(who, "ends", lambda: end.shutdown(socket.SHUT_WR))

    def sendend(self, who, end, count):
        self.tell(who, "sends", lambda: end.send(bytes(count), socket.MSG_MORE))
        self.end(who, end, 0)

    def close(self, who, end, _):
        for thread in self.threads:
            thread.join()
        end.close()

    def reset(self, who, end, _):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()

    def read(self, who, end, _):
        end.setblocking(False)
        self.read_on(who, end)
        end.setblocking(True)

    def drain(self, who, end, _):
        """Beside the further steps, as what a world's client does by itself."""
        end.settimeout(DRAIN_SECONDS)
        thread = threading.Thread(target=self.read_on, args=(who, end))
        thread.start()
        self.threads.append(thread)
        thread.join(STEP_SECONDS)

    def read_on(self, who, end):
        total, behind = 0, "the end"
        try:
            while data := end.recv(65536):
                total += len(data)
        except socket.timeout:
            behind = "nothing"
        except OSError as e:
            behind = errno.errorcode[e.errno]
        self.told.append(f"{who} reads {total}, then {behind}")


def lowest_free(pid):
    """The number that the next descriptor would have: as a limit it takes away all."""
    used = {int(fd) for fd in os.listdir(f"/proc/{pid}/fd")}
    return next(fd for fd in range(len(used) + 1) if fd not in used)


# ---- what strace saw

NAMES = {"accept4": "accept", "recvfrom": "recv", "sendto": "send", "sendmsg": "send", "writev": "send",
         "sendfile": "send", "shutdown": "shutdown", "close": "close", "connect": "connect"}
CONTROLS = {"EPOLL_CTL_ADD": "add", "EPOLL_CTL_MOD": "modify", "EPOLL_CTL_DEL": "remove"}
ORDER = ("IN", "OUT", "ERR", "HUP", "RDHUP")


def bits(text):
    found = set(re.findall(r"EPOLL([A-Z]+)", text))
    return "|".join(bit for bit in ORDER if bit in found) or "0"


def result(text):
    words = text.split()
    return words[1] if words[0] == "-1" else words[0]


def traced(line):
    """The events of a line of strace: (call, descriptor, result)."""
    found = re.match(r"(\w+)\((.*)\)\s+= (.*)$", line)
    if not found:
        return
    call, inner, answer = found.groups()
    if call == "write" and inner.startswith('1, "told '):
        yield "told", 0, re.search(r'"told (.*?)\\n"', inner).group(1)
    elif call.startswith("epoll_") and "wait" in call:
        for event, fd in re.findall(r"events=([A-Z|]+), data=\{?u32=(\d+)", inner):
            yield "wait", int(fd), bits(event)
    elif call == "epoll_ctl":
        words = inner.split(", ")
        yield CONTROLS[words[1]], int(words[2]), bits(words[3]) if len(words) > 3 else "0"
    elif call in NAMES and inner[:1].isdigit():
        yield NAMES[call], int(re.match(r"\d+", inner).group()), result(answer)
    elif call == "getsockopt" and "SO_ERROR" in inner:
        yield "error", int(inner.split(",")[0]), re.search(r"\[(\w+)\]", inner).group(1)
    elif call == "setsockopt" and "SO_LINGER" in inner:
        yield "linger", int(inner.split(",")[0]), result(answer)


def real(model, scenarios):
    """Runs all scenarios on a kernel: of each its events, and what its client was told."""
    told, runs = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        names = {f"s{i}": name for i, name in enumerate(scenarios)}
        command = java("serve", model, *(f"{key}={scenarios[name][0]}" for key, name in names.items()))
        if model in TRACED:
            command = ["strace", "-ff", "-q", "-s", "200", "--seccomp-bpf", "-e", "signal=none", "-e",
                       "trace=network,write,writev,sendfile,close,epoll_ctl,epoll_wait,epoll_pwait,epoll_pwait2",
                       "-o", os.path.join(folder, "t"), *command]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ports, callbacks = {}, []
        for line in server.stdout:
            words = line.split()
            if words[0] == "port":
                ports[words[1]] = int(words[2])
            elif words[0] == "ready":
                pid = int(words[1])
                break
        if len(ports) < len(names):
            sys.exit(f"the server on {model} did not start; is it built? mvn package -DskipTests")
        reader = threading.Thread(target=lambda: callbacks.extend(server.stdout))
        reader.start()
        for key, name in names.items():
            told[name] = Client(ports[key], pid).play(scenarios[name][1])
        server.stdin.close()
        server.wait(30)
        reader.join()
        if model in TRACED:
            for file in glob.glob(os.path.join(folder, "t.*")):
                with open(file, errors="replace") as lines:
                    events = [event for line in lines for event in traced(line)]
                keys = {event[2].split()[0] for event in events if event[0] == "told"}
                for key in keys:
                    runs[names[key]] = [(c, fd, r.split(" ", 1)[1] if c == "told" else r) for c, fd, r in events]
        else:
            for key, name in names.items():
                runs[name] = [("told", 0, line.split(" ", 2)[2].strip()) for line in callbacks
                              if line.startswith(f"told {key} ")]
    return {name: (runs.get(name, []), told[name]) for name in scenarios}


# ---- what a world tells

def simulated(beneath, scenarios):
    words = [f"{i}={service}={script}" for i, (service, script) in enumerate(expanded(scenarios).values())]
    ran = subprocess.run(java("world", beneath, *words), stdout=subprocess.PIPE, text=True)
    runs = {name: ([], []) for name in scenarios}
    name, over = None, True
    for line in ran.stdout.splitlines():
        word, _, rest = line.partition(" ")
        if word == "scenario":
            name, over = list(scenarios)[int(rest)], False
        elif word == "over":
            over = True
        elif over:
            continue
        elif word == "call":
            call, fd, answer = rest.split(" ", 2)
            runs[name][0].append((call, int(fd), answer))
        elif word == "told":
            runs[name][0].append(("told", 0, rest))
        elif word == "peer":
            runs[name][1].append(rest)
    if ran.returncode != 0:
        print(f"a world on {beneath} failed, in or behind the scenario '{name}'")
    return runs


def expanded(scenarios):
    """A step sendend is a send and an end at once."""
    return {name: (service, re.sub(r"(\w)\.sendend:(\d+)", r"\1.send:\2+\1.end", script))
            for name, (service, script) in scenarios.items()}


# ---- the comparison

def by_connection(events):
    """Of the listener and of each connection, what happened in order."""
    listener = next((fd for call, fd, _ in events if call == "accept"), None)
    open_now, lists, count = {listener: "listener"}, {}, 0
    for call, fd, answer in events:
        who = open_now.get(fd)
        if call == "told":
            number, _, what = answer.partition(" ")
            who, word = f"connection {number}", f"[{what}]"
        elif call == "accept" and answer.isdigit():
            count += 1
            open_now[int(answer)] = f"connection {count}"
            word = "accept"
        elif call == "connect":
            count += 1
            who = open_now[fd] = f"connection {count}"
            word = f"connect {answer}"
        elif call in ("add", "modify"):
            word = f"{call} {'|'.join(b for b in answer.split('|') if b not in ('ERR', 'HUP')) or '0'}"
        elif call in ("recv", "send", "wait", "accept") or answer not in ("0",):
            word = f"{call} {answer}"
        else:
            word = call
        if who and not (who == "listener" and call in ("add", "modify", "remove", "close")):
            lists.setdefault(who, []).append(word)
        if call == "close" and who != "listener":
            open_now.pop(fd, None)
    return lists


def normal(words):
    """Without what is time's: the sizes of large pieces, and how often something repeats."""
    words = [re.sub(r"\d+", lambda n: "many" if int(n.group()) >= MANY else n.group(), word) for word in words]
    for length in range(6, 0, -1):
        i = 0
        while i + 2 * length <= len(words):
            if words[i:i + length] == words[i + length:i + 2 * length] and repeats(words[i:i + length]):
                del words[i:i + length]
            else:
                i += 1
    cycle = ["wait OUT", "send many", "send EAGAIN"]  # waits for room as before it
    for i in range(len(words) - len(cycle), 0, -1):
        if words[i:i + len(cycle)] == cycle:
            del words[i:i + len(cycle)]
    return words


def repeats(words):
    """What time repeats: large pieces, an accept that has no descriptor, and two wake-ups that a wait may tell as one."""
    return words == ["wait OUT"] or any("many" in word or "EMFILE" in word for word in words)


def told_only(lists):
    """What sessions were told; how input is cut into pieces is the matter of a ring's buffers."""
    told = {}
    for who, words in lists.items():
        kept = told.setdefault(who, []) if who != "listener" else []
        for word in words:
            piece = re.match(r"\[received (\d+)\]", word)
            before = re.match(r"\[received (\d+)\]", kept[-1]) if kept else None
            if piece and before:
                kept[-1] = f"[received {int(before.group(1)) + int(piece.group(1))}]"
            elif word.startswith("["):
                kept.append(word)
    return told


def differences(model, ours, theirs):
    """Lines that tell where a real run and a world differ."""
    lists = [by_connection(run[0]) for run in (ours, theirs)]
    if model not in TRACED:
        lists = [told_only(each) for each in lists]
    for each, run in zip(lists, (ours, theirs)):
        for line in run[1]:
            each.setdefault("peer " + line[0], []).append(line)
    found = []
    for who in sorted(lists[0].keys() | lists[1].keys()):
        kernel, world = (normal(each.get(who, [])) for each in lists)
        if kernel != world:
            found += [f"  {who}", f"    kernel: {' · '.join(kernel)}", f"    world:  {' · '.join(world)}"]
    return found, lists[0]


def main():
    options = arguments()
    wanted = options.only.split(",") if options.only else [""]
    scenarios = {name: s for name, s in SCENARIOS.items() if any(part in name for part in wanted)}
    models = options.models.split(",")
    verdicts = {name: [] for name in scenarios}
    for model in models:
        ours, theirs = real(model, scenarios), simulated(BENEATH[model], scenarios)
        for name in scenarios:
            found, lists = differences(model, ours[name], theirs[name])
            verdicts[name].append("differs" if found else "equal")
            if found or options.verbose:
                print(f"{model}, {name}: {verdicts[name][-1]}")
            for line in found or [f"  {who}: {' · '.join(normal(words))}" for who, words in lists.items()
                                  if options.verbose]:
                print(line)
    print(f"\nLinux {platform.release()}\n| scenario | {' | '.join(models)} |\n| --- |{' --- |' * len(models)}")
    for name, words in verdicts.items():
        print(f"| {name} | {' | '.join(words)} |")
    sys.exit(any("differs" in words for words in verdicts.values()))


if __name__ == "__main__":
    main()
