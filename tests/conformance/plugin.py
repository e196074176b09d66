"""A plugin that keeps to the CNI spec, unless ``FAULT`` names what it is to do wrong.

Its name says what it is: ``maker`` makes an interface, ``giver`` gives out addresses, and ``changer`` stands behind
another plugin and adds a route to the node. It needs ``ip`` and nothing else. The executables
are made by the tests: each hands over its fault, and imports this.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

FAULT = sys.argv[1]

NAME = Path(sys.argv[0]).name
VERSIONS = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]
STATE = Path("/var/lib/cni/given")
VERB = os.environ.get("CNI_COMMAND", "")
ID, NETNS = os.environ.get("CNI_CONTAINERID", ""), os.environ.get("CNI_NETNS", "")
IFNAME = os.environ.get("CNI_IFNAME", "")
REQUIRED = {
    "ADD": ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"),
    "CHECK": ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"),
    "DEL": ("CNI_CONTAINERID", "CNI_IFNAME"),
    "GC": (),
    "STATUS": (),
}
version = "1.1.0"


def fail(code: int, message: str) -> NoReturn:
    if FAULT == "plain-error":
        sys.stdout.write(f"Error: {message}\n")
    else:
        sys.stdout.write(json.dumps({"cniVersion": version, "code": code, "msg": message}))
    sys.exit(1)


def say(value: object) -> None:
    if FAULT == "log-on-stdout":
        sys.stdout.write("attaching\n")
    sys.stdout.write(json.dumps(value))


def run(*command: str, check: bool = True) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode:
        fail(999, f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def inside(*command: str, check: bool = True) -> str:
    return run("ip", "-n", Path(NETNS).name, *command, check=check)


def key(container: str = ID, ifname: str = IFNAME) -> str:
    return hashlib.sha256(f"{container} {ifname}".encode()).hexdigest()[:10]


def main() -> None:
    if VERB == "VERSION":
        answer_version()
        return
    if VERB not in REQUIRED and FAULT != "any-command":
        fail(4, f"unknown CNI_COMMAND: {VERB}")
    require_variables()
    config = read_config()
    {"maker": maker, "giver": giver, "changer": changer}[NAME](config)
    if FAULT == "leaves-child" and VERB == "ADD":
        subprocess.Popen(["sleep", "2"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def answer_version() -> None:
    if FAULT == "version-needs-netns" and not NETNS:
        fail(4, "CNI_NETNS is missing")
    asked = json.load(sys.stdin)["cniVersion"]
    named = [*VERSIONS, "1.2"] if FAULT == "version-strange" else VERSIONS
    answered = VERSIONS[0] if FAULT == "version-own" else asked
    sys.stdout.write(json.dumps({"cniVersion": answered, "supportedVersions": named}))


def require_variables() -> None:
    wanted = (*REQUIRED.get(VERB, ()), *(("CNI_ARGS",) if FAULT == "wants-args" else ()))
    missing = [name for name in wanted if name not in os.environ]
    if missing:
        fail(999 if FAULT == "no-variables" else 4, f"{', '.join(missing)} is not set")
    if VERB in ("GC", "STATUS"):
        return
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", ID) and FAULT != "any-id":
        fail(4, "CNI_CONTAINERID is not valid")
    if (len(IFNAME) > 15 and FAULT != "cut-ifname") or IFNAME in (".", "..") or re.search(r"[\s/:]", IFNAME):
        fail(4, "CNI_IFNAME is not valid")


def read_config() -> dict[str, Any]:
    global version  # noqa: PLW0603
    text = os.read(0, 65536) if FAULT == "short-read" else sys.stdin.buffer.read()
    if FAULT == "default-config" and not text:
        text = b'{"cniVersion": "1.0.0", "name": "default", "type": "maker", "ipam": {"type": "giver"}}'
    try:
        config = json.loads(text)
    except ValueError:
        fail(6, "stdin is no JSON")
    if not isinstance(config, dict):
        fail(6, "the config is no JSON object")
    if config["cniVersion"] not in VERSIONS:
        if FAULT != "any-version":
            fail(1, f"incompatible CNI version {config['cniVersion']}")
        config["cniVersion"] = VERSIONS[-1]
    version = config["cniVersion"]
    if FAULT == "no-unknown-keys" and any("flavour" in name for name in config):
        fail(999, "what is this?")
    return config


def valid(config: dict[str, Any]) -> set[str]:
    entries = config["cni.dev/valid-attachments"]
    if FAULT == "gc-empty-fails" and not entries:
        fail(7, "nothing is valid")
    return set() if FAULT == "gc-all" else {key(entry["containerID"], entry["ifname"]) for entry in entries}


# What makes an interface


def maker(config: dict[str, Any]) -> None:
    {"ADD": make, "CHECK": look, "DEL": unmake, "GC": collect, "STATUS": delegate}.get(VERB, unmake)(config)


def delegate(config: dict[str, Any], verb: str = VERB) -> Any:
    """Asks the IPAM plugin of CNI_PATH."""
    name = config["ipam"]["type"]
    path = next(Path(place) / name for place in os.environ["CNI_PATH"].split(":") if (Path(place) / name).exists())
    env = os.environ | {"CNI_COMMAND": verb}
    done = subprocess.run([path], input=json.dumps(config), env=env, capture_output=True, text=True, check=False)
    if not done.returncode:
        return json.loads(done.stdout or "null")
    if verb == "ADD" and FAULT != "no-del-on-failure":
        delegate(config, "DEL")
    sys.stdout.write(done.stdout)
    sys.exit(1)


def make(config: dict[str, Any]) -> None:
    marker = STATE.parent / f"marker-{key()}"
    if FAULT in ("reserves-first", "notes-late"):
        marker.touch()
        time.sleep(0.3 if FAULT == "notes-late" else 0)
    if not Path(NETNS).exists():
        fail(4, "CNI_NETNS leads nowhere")
    name = IFNAME[:15]
    if name in inside("-br", "link"):
        if FAULT != "replaces":
            fail(999, f"{name} is there already")
        inside("link", "del", name)
    address = address_of(delegate(config, "ADD"))
    host = f"v{key()}"
    run("ip", "link", "add", host, "up", "type", "veth", "peer", "name", name, "netns", NETNS)
    inside("link", "set", name, "up")
    inside("address", "add", address, "dev", name)
    if FAULT == "leaks":
        run("ip", "route", "add", "blackhole", route("198.19"))
    marker.unlink(missing_ok=True)
    say(result(host, name, "10.77.0.250/24" if FAULT == "lies" else address))


def address_of(given: dict[str, Any]) -> str:
    address: str = given["ip4"]["ip"] if "ip4" in given else given["ips"][0]["address"]
    return address


def addresses(address: str, **more: object) -> dict[str, Any]:
    """The part of a result that has an address, in the shape of the version."""
    if version in ("0.1.0", "0.2.0") and FAULT != "one-shape":
        return {"cniVersion": version, "ip4": {"ip": address}}
    family = {"version": "4"} if version.startswith("0.") else {}
    return {"cniVersion": version, "ips": [{"address": address, **family, **more}]}


def result(host: str, name: str, address: str) -> dict[str, Any]:
    found = addresses(address, interface=1)
    if "ips" in found:
        mac = json.loads(inside("-j", "link", "show", name))[0]["address"]
        found["interfaces"] = [{"name": host}, {"name": name, "mac": mac, "sandbox": NETNS}]
    return found


def look(config: dict[str, Any]) -> None:
    if FAULT == "check-fails":
        fail(999, "it does not please me")
    if FAULT == "check-repairs":
        (STATE / "repaired").touch()
    delegate(config)
    if FAULT == "check-blind":
        return
    there = inside("-br", "address", "show", IFNAME, check=False)
    wanted = [] if FAULT == "check-half-blind" else [ip["address"] for ip in config["prevResult"]["ips"]]
    if not there or any(address not in there for address in wanted):
        fail(999, f"{IFNAME} is not as it was: {there}")


def unmake(config: dict[str, Any]) -> None:
    if FAULT == "del-wants-netns" and not Path(NETNS or "/nowhere").exists():
        fail(999, "CNI_NETNS leads nowhere")
    if FAULT == "del-wants-prev-result" and "prevResult" not in config:
        fail(7, "where is prevResult?")
    if FAULT == "del-once" and not run("ip", "-br", "link", "show", f"v{key()}", check=False):
        fail(999, "there is no interface")
    if FAULT != "no-delegated-del" and "ipam" in config:
        delegate(config, "DEL")
    run("ip", "link", "del", f"v{key()}", check=False)


def collect(config: dict[str, Any]) -> None:
    kept = {f"v{entry}" for entry in valid(config)}
    for entry in json.loads(run("ip", "-j", "link")):
        if re.fullmatch(r"v[0-9a-f]{10}", entry["ifname"]) and entry["ifname"] not in kept:
            run("ip", "link", "del", entry["ifname"], check=False)
    delegate(config)


# What gives out addresses


def giver(config: dict[str, Any]) -> None:
    if FAULT == "del-wants-state" and VERB == "DEL" and not list(STATE.glob("10.*")):
        fail(999, "where are my files?")
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        if FAULT != "no-lock":
            fcntl.flock(lock, fcntl.LOCK_EX)
        {"ADD": give, "CHECK": verify, "DEL": take_back, "GC": take_stale_back, "STATUS": ready}[VERB](config)


def give(_: dict[str, Any]) -> None:
    taken = {path.name for path in STATE.glob("10.*")}
    address = next(address for number in range(2, 250) if (address := f"10.77.0.{number}") not in taken)
    time.sleep(0.2 if FAULT == "no-lock" else 0)
    (STATE / address).write_text(f"{key()} {ID} {IFNAME}")
    if FAULT == "reports-interfaces":
        say(
            {
                "cniVersion": version,
                "interfaces": [{"name": IFNAME}],
                "ips": [{"address": f"{address}/24", "interface": 0}],
            }
        )
    else:
        say(addresses(f"{address}/24"))


def verify(_: dict[str, Any]) -> None:
    if FAULT != "check-blind" and not any(key() in path.read_text() for path in STATE.glob("10.*")):
        fail(999, "no address is reserved")


def take_back(_: dict[str, Any]) -> None:
    mark = ID if FAULT == "by-id" else key()
    for path in STATE.glob("10.*"):
        if mark in path.read_text().split():
            path.unlink()


def take_stale_back(config: dict[str, Any]) -> None:
    kept = valid(config)
    for path in STATE.glob("10.*") if FAULT != "gc-nothing" else ():
        if path.read_text().split()[0] not in kept:
            path.unlink()


def ready(_: dict[str, Any]) -> None:
    if FAULT == "no-status":
        fail(4, f"unknown CNI_COMMAND: {VERB}")


# What stands behind another plugin


def route(network: str, mark: str = "") -> str:
    number = int(mark or key(), 16)
    return f"{network}.{number >> 8 & 255}.{number & 255}"


def changer(config: dict[str, Any]) -> None:
    target = route("198.18")
    if VERB == "ADD":
        run("ip", "route", "replace", "blackhole", target)
        found = config.get("prevResult", {"cniVersion": version})
        say({name: value for name, value in found.items() if name != "dns" or FAULT != "drops-dns"})
    elif VERB == "CHECK" and target not in run("ip", "route"):
        fail(999, "the route is gone")
    elif VERB == "DEL" and FAULT != "leaks":
        run("ip", "route", "del", "blackhole", target, check=False)
    elif VERB == "GC":
        kept = {route("198.18", mark) for mark in valid(config)}
        for line in run("ip", "route").splitlines():
            found = re.match(r"blackhole (198\.18\.\S+)", line)
            if found and found[1] not in kept:
                run("ip", "route", "del", "blackhole", found[1])


main()
