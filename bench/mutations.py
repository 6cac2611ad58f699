#!/usr/bin/env python3
"""Plants bugs of one line each in the runtime, one at a time: does simulation find each of them, and after how many seeds?

usage: bench/mutations.py [--seeds 10000] [--services echo,http,relay,proxy] [--only NAME ...] [--list]

The bugs are in mutations.toml beside this script. Each is planted in a copy of its class, which is compiled and put in front of
what ./sluice has built; no source changes. First the code as it is must hold on the same seeds. Then "sluice sim" plays each
bug, some seeds of each service first and then the rest, up to the first seed that fails. Printed is a table in markdown; what is
under way goes to standard error. Exit status: 0 all were found, 1 one was not.

--class-path takes the classes from there, with the JDK of JAVA_HOME, and builds nothing.
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUGS = os.path.join(ROOT, "bench", "mutations.toml")
FLAGS = ["--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx1g"]
# Most are found by a few seeds, of one service or another.
FIRST_SEEDS = 500
# A bug can make an endless loop, where no seed ends.
MOST_SECONDS = 300
TELL_SECONDS = 2
WORDS = 100


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--services", default="echo,http,relay,proxy")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these bugs alone")
    parser.add_argument("--list", action="store_true", help="print the bugs, and plant none")
    parser.add_argument("--class-path", help="the built classes; else those of ./sluice")
    return parser.parse_args()


def tell(text):
    print(text, file=sys.stderr, flush=True)


class Bug:
    """A line of the runtime's, and what stands there instead. The old text occurs once in the file, or once behind "behind"."""

    def __init__(self, name, entry):
        self.name = name
        self.what = entry.pop("bug")
        self.class_name = entry.pop("class")
        self.behind = entry.pop("behind", "")
        self.old = entry.pop("old")
        self.new = entry.pop("new")
        if entry:
            sys.exit(f"{BUGS}: {name} has {', '.join(entry)}, which means nothing here")
        self.file = self.find_file()

    def find_file(self):
        inner = self.class_name.replace(".", os.sep) + ".java"
        found = glob.glob(os.path.join(ROOT, "sluice-*", "src", "main", "java", inner))
        if len(found) != 1:
            sys.exit(f"{BUGS}: {self.name} is in {self.class_name}, and {len(found)} files are that class")
        return found[0]

    def planted(self):
        """The source with the bug."""
        with open(self.file, encoding="utf-8") as file:
            source = file.read()
        start = 0
        if self.behind:
            self.require_once(source, self.behind)
            start = source.index(self.behind) + len(self.behind)
            if self.old not in source[start:]:
                sys.exit(f"{self.file}: '{self.old}' is not behind '{self.behind}'; {self.name} has to follow the code")
        else:
            self.require_once(source, self.old)
        at = source.index(self.old, start)
        return source[:at] + self.new + source[at + len(self.old):]

    def require_once(self, source, text):
        count = source.count(text)
        if count != 1:
            sys.exit(f"{self.file}: '{text}' occurs {count} times where {self.name} needs it once; let it follow the code")

    def where(self):
        return self.class_name.rsplit(".", 1)[1]


def bugs(only):
    with open(BUGS, "rb") as file:
        every = [Bug(name, entry) for name, entry in tomllib.load(file).items()]
    unknown = set(only or []) - {bug.name for bug in every}
    if unknown:
        sys.exit(f"no such bug: {', '.join(sorted(unknown))}; --list tells all")
    return [bug for bug in every if not only or bug.name in only]


def built():
    """The JDK's folder and the class path that ./sluice starts with, once it has built what is to be built."""
    subprocess.run([os.path.join(ROOT, "sluice"), "--version"], check=True, stdout=subprocess.DEVNULL)
    ask = '. scripts/jdk.sh; . scripts/build.sh; require_jdk; find_dist; dist_classpath; printf "%s\\n" "$JDK" "$CLASS_PATH"'
    answer = subprocess.run(["bash", "-euc", ask], cwd=ROOT, env={**os.environ, "ROOT": ROOT}, check=True,
                            stdout=subprocess.PIPE, text=True)
    return answer.stdout.splitlines()


def run(command, what):
    """Standard output and the exit status, or None where it took too long; tells how long it takes."""
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        while True:
            try:
                output, _ = process.communicate(timeout=TELL_SECONDS)
                return output, process.returncode
            except subprocess.TimeoutExpired:
                seconds = time.monotonic() - begun
                if seconds > MOST_SECONDS:
                    process.kill()
                    output, _ = process.communicate()
                    return output, None
                tell(f"  {what}: {seconds:.0f} s")


class Player:
    """Plays worlds of the code as it is, or with a bug."""

    def __init__(self, jdk, class_path, folder):
        self.jdk = jdk
        self.class_path = class_path
        self.folder = folder

    def program(self, name):
        return os.path.join(self.jdk, "bin", name)

    def compile(self, bug):
        """The folder with the class that has the bug."""
        folder = os.path.join(self.folder, bug.name)
        os.makedirs(os.path.join(folder, "classes"))
        source = os.path.join(folder, os.path.basename(bug.file))
        with open(source, "w", encoding="utf-8") as file:
            file.write(bug.planted())
        classes = os.path.join(folder, "classes")
        output, status = run([self.program("javac"), "-nowarn", "-proc:none", "-implicit:none", "-cp", self.class_path, "-d",
                              classes, source], f"{bug.name}: compiling")
        if status != 0:
            sys.exit(f"{bug.name} does not compile:\n{output}")
        return classes

    def play(self, service, first, count, in_front, name):
        """The first seed that fails and its words, or None."""
        path = os.pathsep.join(in_front + [self.class_path])
        command = [self.program("java"), *FLAGS, "-cp", path, "dev.sluice.cli.Main", "sim", service, "--from", str(first),
                   "--seeds", str(count)]
        output, status = run(command, f"{name}: {service}, seeds {first} to {first + count - 1}")
        failed = re.search(r"^FAILED seed (\d+): (.*)$", output, re.M)
        if status == 1 and failed:
            return int(failed.group(1)), failed.group(2)
        if status is None:
            tell(f"  {name}: {service} does not end within {MOST_SECONDS} s")
        elif status != 0:
            tell(f"  {name}: {service} ends with status {status}:\n{output[-2000:]}")
        return None

    def find(self, services, seeds, in_front, name):
        """The service that fails, the seed and the words, or None."""
        for first, last in ((0, min(seeds, FIRST_SEEDS)), (FIRST_SEEDS, seeds)):
            for service in services:
                found = self.play(service, first, last - first, in_front, name) if last > first else None
                if found:
                    return service, *found
        return None


def row(bug, found):
    if found is None:
        return f"| {bug.what} | `{bug.where()}` | **not found** | | |"
    service, seed, words = found
    short = words if len(words) <= WORDS else words[:WORDS].rsplit(" ", 1)[0] + " …"
    return f"| {bug.what} | `{bug.where()}` | {seed + 1:,} | {service} | {short.replace('|', '/')} |"


def main():
    args = arguments()
    chosen = bugs(args.only)
    for bug in chosen:
        bug.planted()  # the code is what it was there, or nothing is run
    if args.list:
        for bug in chosen:
            print(f"{bug.name}: {bug.what} ({bug.where()})")
        return
    jdk, class_path = (os.environ["JAVA_HOME"], args.class_path) if args.class_path else built()
    services = args.services.split(",")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sluice-mutations-") as folder:
        player = Player(jdk, class_path, folder)
        tell(f"as it is: {args.seeds:,} seeds of {', '.join(services)}")
        sound = [player.play(service, 0, args.seeds, [], "as it is") for service in services]
        if any(sound):
            sys.exit(f"the code as it is fails, and so would prove nothing: {sound}")
        print("| planted bug | in | found after seeds | by | with the words |\n| --- | --- | --- | --- | --- |", flush=True)
        missed = 0
        for number, bug in enumerate(chosen, 1):
            tell(f"{number} of {len(chosen)}: {bug.name}")
            found = player.find(services, args.seeds, [player.compile(bug)], bug.name)
            missed += found is None
            print(row(bug, found), flush=True)
    print(f"\n{len(chosen) - missed} of {len(chosen)} found, within {args.seeds:,} seeds each; "
          f"{time.monotonic() - begun:.0f} s")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
