"""How long ADD and DEL take beside the bare chain of the same plugins, and how many attachments a second can be made.

Run it with ``make bench``; it needs root, the reference plugins and a C compiler. All is done in a throwaway node
(`tests.support.node`), whose cache lies in memory, with bridge, host-local, portmap, bandwidth and tuning.

`raw_chain.c` runs what one real ADD and DEL ran, with the same environment and stdin, and hands each result on. It does
nothing else, so its time is that of the plugins and the kernel. Each round has every contender once, in an order
of its own, so that a machine that gets slower or faster in between touches all alike; the table shows medians,
also of what the contenders of a round are to each other. The limits are those that the project promises.
"""

from __future__ import annotations

import argparse
import json
import operator
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cnictl.invoke.executor import ProcessExecutor, Recorder
from cnictl.invoke.invocation import Invocation
from cnictl.model.attachment import Attachment
from cnictl.model.network import NetworkConfigList
from cnictl.runtime.cni import CNI
from tests.support.command import CNICTL, PROJECT
from tests.support.node import Node, obstacle, plugin_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnictl.invoke.invocation import Exchange

SOURCE = Path(__file__).with_name("raw_chain.c")
WARM_UP = 2
PAUSE = 0.02
"""Seconds before each contender: the kernel goes on clearing up for a while after a DEL."""
JOBS = 8
BARE_STARTS = 9.0
"""Starts of a bare interpreter that one command may take beside its plugins."""
CAPABILITY_ARGS = {
    "portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}],
    "bandwidth": {"ingressRate": 10_000_000, "ingressBurst": 80_000_000, "egressRate": 10_000_000}
    | {"egressBurst": 80_000_000},
}
PLUGINS: list[dict[str, Any]] = [
    {"type": "bridge", "bridge": "bench0", "isGateway": True, "ipMasq": True}
    | {"ipam": {"type": "host-local", "ranges": [[{"subnet": "10.99.0.0/16"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
    {"type": "portmap", "capabilities": {"portMappings": True}},
    {"type": "bandwidth", "capabilities": {"bandwidth": True}},
    {"type": "tuning", "sysctl": {"net.ipv4.conf.all.arp_filter": "1"}},
]


class Line(NamedTuple):
    """A line of the table: what was measured, in words, and whether it is within the limit."""

    name: str
    measured: str
    limit: str = ""
    kept: bool = True


def plan(exchanges: list[Exchange]) -> bytes:
    """What `raw_chain.c` is to do: what was done, with a gap in each stdin where the result belongs."""
    words: list[str] = []
    for exchange in exchanges:
        asked = exchange.invocation
        before, gap, after = _with_gap(asked.stdin)
        variables = [f"{name}={value}" for name, value in asked.environment.items()]
        gives = "1" if asked.verb == "ADD" else "0"
        words += [str(asked.path), str(len(variables)), *variables, before, after, "1" if gap else "0", gives]
    return b"".join(word.encode() + b"\0" for word in words)


def _with_gap(stdin: bytes) -> tuple[str, str, str]:
    data = json.loads(stdin)
    gap = "\N{SYMBOL FOR SUBSTITUTE}"
    text = json.dumps({**data, "prevResult": gap} if "prevResult" in data else data, ensure_ascii=False)
    return text.partition(f'"{gap}"')


class Bench:
    """The contenders, in a throwaway node, with what they need.

    Args:
        scratch: A directory for configs, the plan and the bare chain's program.
    """

    def __init__(self, scratch: Path) -> None:
        directory = plugin_dir()
        assert directory is not None  # `main` has asked
        self.scratch = scratch
        self.file = scratch / "bench.conflist"
        self.file.write_text(json.dumps({"cniVersion": "1.0.0", "name": "bench", "plugins": PLUGINS}))
        self.network = NetworkConfigList.from_file(self.file)
        self.raw = str(scratch / "raw_chain")
        self.recorder = Recorder(ProcessExecutor())
        self.cni = CNI([directory], executor=self.recorder)
        self.outside: list[float] = []
        self.attachment = Attachment("bench", "/run/netns/bench", "eth0", capability_args=CAPABILITY_ARGS)
        self.options = ["--bin-dir", str(directory), "--quiet"]
        run("ip", "netns", "add", "bench")
        self.library()
        done = [exchange for exchange in self.recorder.exchanges if exchange.invocation.verb in {"ADD", "DEL"}]
        (scratch / "plan").write_bytes(plan(done))

    def chain(self) -> float:
        """Seconds of the bare chain, as it measures them itself."""
        return int(run(self.raw, "run", str(self.scratch / "plan"))) / 1e6

    def library(self) -> None:
        """ADD and DEL in this process."""
        self.recorder.exchanges.clear()
        began = time.perf_counter()
        self.cni.add(self.network, self.attachment)
        self.cni.delete(self.network, self.attachment)
        seconds = time.perf_counter() - began
        self.outside.append(seconds - sum(exchange.seconds for exchange in self.recorder.exchanges))

    def command(self) -> None:
        """ADD and DEL as two commands."""
        run(*self.single("add"))
        run(*self.single("del"))

    def single(self, verb: str) -> list[str]:
        """The command for one attachment with everything."""
        arguments = [f"--cap={name}={json.dumps(value)}" for name, value in CAPABILITY_ARGS.items()]
        more = arguments if verb == "add" else []
        return [*CNICTL, "exec", verb, str(self.file), "bench", *more, *self.options]

    def pairs(self, rounds: int) -> Iterator[Line]:
        """One attachment at a time: the library and the command beside the bare chain."""
        contenders: dict[str, Callable[[], object]] = {
            "bare": lambda: run(sys.executable, "-c", "pass"),
            "chain": self.chain,
            "library": self.library,
            "command": self.command,
        }
        times = measure(contenders, rounds)
        middle = {name: statistics.median(values) for name, values in times.items()}
        ratio = statistics.median(map(operator.truediv, times["library"], times["chain"]))
        allowed = middle["chain"] + 2 * BARE_STARTS * middle["bare"]
        yield Line("bare interpreter", milliseconds(middle["bare"]))
        yield Line("bare chain, add and del", milliseconds(middle["chain"]))
        yield Line("library, add and del", milliseconds(middle["library"]))
        yield Line("  of this outside the plugins", milliseconds(statistics.median(self.outside)))
        yield Line("  library / chain", f"{ratio:.3f}", "1.080", ratio <= 1.08)
        command = middle["command"]
        yield Line("command, add and del", milliseconds(command), milliseconds(allowed), command <= allowed)

    def peak(self, rounds: int) -> Iterator[Line]:
        """The memory of ``exec add``; its plugins are processes of their own, and count when they are larger."""
        sizes = []
        for _ in range(rounds):
            sizes.append(int(run(self.raw, "peak", *self.single("add"))))
            run(*self.single("del"))
        megabytes = statistics.median(sizes) / 1024
        yield Line("peak memory of `exec add`", f"{megabytes:.1f} MB", "40.0 MB", megabytes < 40)

    def many(self, attachments: int, rounds: int) -> Iterator[Line]:
        """Many attachments: one command with ``--jobs`` beside a shell that runs a command for each."""
        names = [f"b{number}" for number in range(attachments)]
        for name in names:
            run("ip", "netns", "add", name)
        add = [*CNICTL, "exec", "add", str(self.file)]
        loop = ["xargs", "-P", str(JOBS), "-I", "NETNS", *add, "NETNS", *self.options]
        times = {"jobs": 0.0, "loop": 0.0}
        for number in range(2 * rounds):
            kind = ("jobs", "loop", "loop", "jobs")[number % 4]
            began = time.perf_counter()
            if kind == "jobs":
                run(*add, *names, "--jobs", str(JOBS), *self.options)
            else:
                run(*loop, stdin="\n".join(names))
            times[kind] += time.perf_counter() - began
            run(*CNICTL, "exec", "del", str(self.file), *names, "--jobs", str(JOBS), *self.options)
        ratio = times["loop"] / times["jobs"]
        for kind, name in (("loop", f"{attachments} by a shell, {JOBS} at once"), ("jobs", f"... by --jobs {JOBS}")):
            yield Line(name, f"{attachments * rounds / times[kind]:.1f} /s")
        yield Line("  --jobs / shell", f"{ratio:.2f}", "1.50", ratio >= 1.5)


def overhead(rounds: int) -> Iterator[Line]:
    """What the executor adds to the start and end of a process."""
    path = Path("/bin/true")
    asked = Invocation("true", path, "ADD", {}, b"{}")
    executor = ProcessExecutor()
    contenders: dict[str, Callable[[], object]] = {
        "posix_spawn": lambda: os.waitpid(os.posix_spawn(path, ["true"], {}), 0),
        "executor": lambda: executor.run(asked),
    }
    middle = {name: statistics.median(values) for name, values in measure(contenders, rounds).items()}
    yield Line("posix_spawn of `true`", milliseconds(middle["posix_spawn"]))
    yield Line("executor's run of `true`", milliseconds(middle["executor"]))


def measure(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each round for each contender; one that returns a number has measured itself."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    order = list(contenders.items())
    for number in range(WARM_UP + rounds):
        random.Random(number).shuffle(order)
        for name, contender in order:
            time.sleep(PAUSE)
            began = time.perf_counter()
            own = contender()
            seconds = own if isinstance(own, float) else time.perf_counter() - began
            if number >= WARM_UP:
                times[name].append(seconds)
    return times


def run(*command: str, stdin: str = "") -> str:
    """What a command printed; the bench ends when it fails."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)[:200]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def milliseconds(seconds: float) -> str:
    """A time for the table."""
    return f"{seconds * 1000:.2f} ms"


def inside(scratch: Path, rounds: int, attachments: int) -> int:
    """Measures in the node, prints the table, and says whether every limit was kept."""
    bench = Bench(scratch)
    print(f"{rounds} rounds, Python {sys.version.split()[0]}, {os.cpu_count()} processors")
    print(f"{'':<36}{'median':>12}{'limit':>12}")
    kept = True
    parts = [overhead(10 * rounds), bench.pairs(rounds), bench.peak(3), bench.many(attachments, 2)]
    for line in (line for part in parts for line in part):
        kept = kept and line.kept
        print(f"{line.name:<36}{line.measured:>12}{line.limit:>12}{'' if line.kept else '  missed'}", flush=True)
    return 0 if kept else 1


def main() -> int:
    """Makes a throwaway node and measures in it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30, help="of each comparison of single attachments")
    parser.add_argument("--attachments", type=int, default=200, help="how many are made at once")
    parser.add_argument("--inside", metavar="DIR", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        return inside(options.inside, options.rounds, options.attachments)
    reason = obstacle() or ("needs a C compiler, cc" if shutil.which("cc") is None else None)
    if reason:
        print(f"not measured: {reason}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch, Node() as node:
        run("cc", "-O2", "-D_GNU_SOURCE", "-o", f"{scratch}/raw_chain", str(SOURCE))
        command = [sys.executable, "-m", "tests.bench.exec", *sys.argv[1:], "--inside", scratch]
        return subprocess.run(node.inside(command, PROJECT), check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
