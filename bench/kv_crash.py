#!/usr/bin/env python3
"""Is every acknowledged write there again after "sluice kv" was killed, or the power was cut?

usage: bench/kv_crash.py [--kills 200] [--cuts 0] [--model epoll] [--disk pool] [--sync always] [--loops 1] [--seed 1]

Clients write as fast as they are answered: numbered values of many sizes, pipelined, and pairs of keys in one MSET. At a
random moment the server is killed (SIGKILL) and started anew on the same directory. Then, for each client: every write
that was acknowledged is there, none is half there, and what is there is what its first N writes come to, for some N.

SIGKILL leaves the page cache as it is. --cuts has the store on an ext4 in a file (a loop mount, which takes root): at
random moments the server is stopped (SIGSTOP) and the file copied, with whatever had reached the device; each copy is
mounted, which replays its journal, and a server recovers what is there: every write that was acknowledged before the copy
began. "everysec" and "no" promise that for kills only.

Exits with 1 where a write is missing, half there or out of order.
"""
import argparse
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import models

CLIENTS = 6
KEYS = 12
IMAGE_MIB = 96


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="rounds of SIGKILL")
    parser.add_argument("--cuts", type=int, default=0, help="copies of the mounted file")
    parser.add_argument("--model", default="epoll")
    parser.add_argument("--disk", default="")
    parser.add_argument("--sync", default="always")
    parser.add_argument("--loops", default="1")
    parser.add_argument("--seed", type=int, default=None)
    return parser.parse_args()


class Server:
    def __init__(self, options, directory):
        command = [os.path.join(models.ROOT, "sluice"), "kv", "--dir", directory, "--port", "0", "--model", options.model,
                   "--loops", options.loops, "--sync", options.sync, "--segment", "1m", "--compact-at", "4m"]
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command + (["--disk", options.disk] if options.disk else []),
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        try:
            line = self.process.stdout.readline()
        except BaseException:  # SIGTERM or Ctrl-C: nobody else knows it yet
            self.kill()
            raise
        if "listening" not in line:
            self.process.wait()
            sys.exit(f"the server didn't start: {line}{self.told()}")
        self.port = int(line.split("//")[1].split(" ")[0].rsplit(":", 1)[1])

    def told(self):
        self.log.seek(0)
        return self.log.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb")

    @staticmethod
    def request(*words):
        parts = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)

    def reply(self):
        line = self.reader.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("cut")
        if line[:1] == b"$":
            length = int(line[1:])
            if length < 0:
                return None
            value = self.reader.read(length + 2)
            if len(value) < length + 2:
                raise ConnectionError("cut")
            return value[:-2]
        return line[:-2]


def value(number, size):
    """A value whose every byte follows from its number and size."""
    head = b"%d:%d:" % (number, size)
    return head + bytes([97 + number % 26]) * size


class Client(threading.Thread):
    """Writes to keys of its own. A write is a list of keys that one command sets to one value."""

    def __init__(self, number, seed):
        super().__init__(daemon=True)
        self.number = number
        self.random = random.Random(seed)
        self.sent = []
        self.acknowledged = 0
        self.port = None
        self.error = None

    def key(self, index):
        return f"client:{self.number}:{index}"

    def next_write(self):
        pair = self.random.random() < 0.2
        first = self.random.randrange(KEYS)
        keys = [first, (first + 1) % KEYS] if pair else [first]
        size = self.random.choice([0, 10, 100, 1000, 20000]) if self.random.random() < 0.9 else 200000
        self.sent.append((keys, size))
        text = value(len(self.sent), size)
        words = ["MSET" if pair else "SET"]
        for index in keys:
            words += [self.key(index), text]
        return Connection.request(*words)

    def run(self):
        try:
            connection = Connection(self.port)
            while True:
                count = self.random.randint(1, 8)
                connection.socket.sendall(b"".join(self.next_write() for _ in range(count)))
                for _ in range(count):
                    reply = connection.reply()
                    if reply != b"+OK":
                        self.error = f"a write was answered with {reply!r}"
                        return
                    self.acknowledged += 1
        except (ConnectionError, OSError):
            return

    def look(self, connection, owed):
        """What is there, compared with what was written; returns how many writes it comes to, or says what is wrong."""
        found = {}
        for index in range(KEYS):
            connection.socket.sendall(Connection.request("GET", self.key(index)))
            found[index] = connection.reply()
        numbers = {}
        for index, text in found.items():
            if text is None:
                numbers[index] = 0
                continue
            try:
                number, size = (int(word) for word in text.split(b":", 2)[:2])
            except ValueError:
                return None, f"{self.key(index)} holds {text[:40]!r}"
            if text != value(number, size):
                return None, f"{self.key(index)}: write {number} is half there"
            numbers[index] = number
        reach = max(numbers.values())
        expected = dict.fromkeys(range(KEYS), 0)
        for number, (keys, _) in enumerate(self.sent[:max(reach, owed)], 1):
            for index in keys:
                expected[index] = number
        if reach > len(self.sent):
            return None, f"client {self.number}: write {reach} was never sent"
        wrong = [index for index in range(KEYS) if expected[index] != numbers[index]]
        if wrong:
            return None, (f"client {self.number}: {self.key(wrong[0])} is at write {numbers[wrong[0]]} and must be at"
                          f" {expected[wrong[0]]}: {owed} were acknowledged, {reach} is the last one there")
        return max(reach, owed), None


class Fleet:
    def __init__(self, seed):
        self.clients = [Client(i, seed * 1000 + i) for i in range(CLIENTS)]

    def start(self, port):
        """Threads can't run twice: the writes go over to new ones."""
        fresh = []
        for old in self.clients:
            client = Client(old.number, old.random.random())
            client.sent, client.acknowledged, client.port = old.sent, old.acknowledged, port
            fresh.append(client)
        self.clients = fresh
        for client in fresh:
            client.start()

    def join(self):
        for client in self.clients:
            client.join()
            if client.error:
                sys.exit(client.error)

    def acknowledged(self):
        return sum(client.acknowledged for client in self.clients)

    def look(self, port, owed):
        """Checks all of it; returns how far each client's writes are there."""
        connection = Connection(port)
        reaches = []
        for client, least in zip(self.clients, owed):
            reach, wrong = client.look(connection, least)
            if wrong:
                print(f"WRONG: {wrong}")
                sys.exit(1)
            reaches.append(reach)
        connection.socket.close()
        return reaches

    def go_on_from(self, reaches):
        """What was sent and isn't there never was."""
        for client, reach in zip(self.clients, reaches):
            del client.sent[reach:]
            client.acknowledged = reach


def progress(what, done, of, begun):
    if done % 10 == 0 and done < of:
        print(f"{done} of {of} {what}, {time.monotonic() - begun:.0f} s", flush=True)


def torn(told):
    return sum("torn record" in line for line in told.splitlines())


def kills(options, rng):
    directory = tempfile.mkdtemp(prefix="sluice-kv-kill-")
    fleet = Fleet(options.seed)
    tails = 0
    begun = time.monotonic()
    server = None
    try:
        server = Server(options, directory)
        for i in range(options.kills):
            fleet.start(server.port)
            time.sleep(rng.uniform(0.02, 0.6))
            server.kill()
            fleet.join()
            server = Server(options, directory)
            tails += torn(server.told())
            fleet.go_on_from(fleet.look(server.port, [client.acknowledged for client in fleet.clients]))
            progress("kills", i + 1, options.kills, begun)
    finally:
        if server:
            server.kill()
        shutil.rmtree(directory)
    print(f"{options.kills} kills: nothing missing of {fleet.acknowledged()} acknowledged writes, nothing half there, all in order;"
          f" {tails} torn tails; {time.monotonic() - begun:.0f} s")


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def unmount(point):
    """A ring of a process that was killed holds its files a little longer."""
    deadline = time.monotonic() + 20
    while subprocess.run(["umount", point], stderr=subprocess.DEVNULL).returncode != 0:
        if time.monotonic() > deadline:
            sys.exit(f"{point} can't be unmounted")
        time.sleep(0.02)


def mount(image, point):
    os.makedirs(point, exist_ok=True)
    try:
        run("mount", "-o", "loop", image, point)
    except subprocess.CalledProcessError as e:
        return e.stderr.decode().strip()
    return None


def cuts(options, rng):
    if os.geteuid() != 0:
        print("no power cuts: mounting a file takes root")
        return
    folder = tempfile.mkdtemp(prefix="sluice-kv-cut-")
    image, point = os.path.join(folder, "disk"), os.path.join(folder, "mounted")
    with open(image, "wb") as file:
        file.truncate(IMAGE_MIB << 20)
    run("mkfs.ext4", "-q", "-F", image)
    why = mount(image, point)
    if why:
        print(f"no power cuts: a file can't be mounted here: {why}")
        shutil.rmtree(folder)
        return
    fleet = Fleet(options.seed)
    tails = 0
    begun = time.monotonic()
    server = None
    try:
        server = Server(options, os.path.join(point, "data"))
        fleet.start(server.port)
        for i in range(options.cuts):
            time.sleep(rng.uniform(0.02, 0.3))
            owed = [client.acknowledged for client in fleet.clients]
            server.process.send_signal(signal.SIGSTOP)
            copy = os.path.join(folder, "copy")
            shutil.copyfile(image, copy)
            server.process.send_signal(signal.SIGCONT)
            tails += cut(options, fleet, owed, copy, os.path.join(folder, "copied"))
            progress("power cuts", i + 1, options.cuts, begun)
        written = fleet.acknowledged()
        server.kill()
        fleet.join()
    finally:
        if server:
            server.kill()
        unmount(point)
        shutil.rmtree(folder)
    print(f"{options.cuts} power cuts: nothing missing of what was acknowledged before each, nothing half there, all in order;"
          f" {written} writes, {tails} torn tails; {time.monotonic() - begun:.0f} s")


def cut(options, fleet, owed, copy, point):
    why = mount(copy, point)
    if why:
        sys.exit(f"a copy can't be mounted: {why}")
    server = None
    try:
        server = Server(options, os.path.join(point, "data"))
        fleet.look(server.port, owed)
        return torn(server.told())
    finally:
        if server:
            server.kill()
        unmount(point)
        os.remove(copy)


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # as Ctrl-C: servers and mounts go
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 30)
    print(f"{options.model}, {options.loops} loops, disk {options.disk or 'as suits'}, --sync {options.sync}, seed {options.seed}",
          flush=True)
    if options.kills:
        kills(options, random.Random(options.seed))
    if options.cuts:
        if options.sync != "always":
            sys.exit(f"--cuts needs --sync always: {options.sync} promises nothing for a power cut")
        cuts(options, random.Random(options.seed + 1))


if __name__ == "__main__":
    main()
