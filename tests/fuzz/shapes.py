"""Large files of one shape each, of any size."""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    """A text in which one thing is repeated.

    Attributes:
        frame: The text around it; ``@`` stands for all the repetitions.
        item: What is repeated; ``#`` stands for its number.
        between: What stands between two of them.
    """

    frame: str
    item: str
    between: str = ","

    def of(self, size: int) -> bytes:
        """The text, of about this many bytes."""
        number = max(1, size // (len(self.item.encode()) + len(self.between)))
        items = self.between.join(self.item.replace("#", str(index)) for index in range(number))
        return self.frame.replace("@", items).encode()


def _list(plugins: str, members: str = '"cniVersion": "1.0.0", "name": "pods"') -> str:
    return f'{{{members}, "plugins": [{plugins}]}}'


def _bridge(members: str) -> str:
    return _list(f'{{"type": "bridge", {members}}}')


def _host_local(members: str) -> str:
    return _bridge(f'"ipam": {{"type": "host-local", "subnet": "10.1.0.0/24", {members}}}')


_ROUTE = '{"dst":"10.9.0.0/16","gw":"10.1.0.1","table":#}'

CONFIGS = {
    "plugins that are empty": Shape(_list("@"), "{}"),
    "plugins that are numbers": Shape(_list("@"), "1"),
    "plugins of no known type": Shape(_list("@"), '{"type":"vendor-#"}'),
    "bridge": Shape(_list("@"), '{"type":"bridge"}'),
    "portmap": Shape(_list("@"), '{"type":"portmap"}'),
    "tuning": Shape(_list("@"), '{"type":"tuning","mtu":1450}'),
    "firewall": Shape(_list("@"), '{"type":"firewall","ingressPolicy":"same-bridge"}'),
    "bandwidth": Shape(_list("@"), '{"type":"bandwidth","ingressRate":8000000,"ingressBurst":80000}'),
    "macvlan": Shape(_list("@"), '{"type":"macvlan","ipam":{"type":"host-local","subnet":"10.#.0.0/24"}}'),
    "delegates": Shape(_list('{"type": "multus", "delegates": [@]}'), '{"type":"bridge"}'),
    "ranges": Shape(_host_local('"ranges": [[@]]'), '{"subnet":"fd00:#::/64"}'),
    "range sets": Shape(_host_local('"ranges": [@]'), '[{"subnet":"fd00:#::/64"}]'),
    "the same range": Shape(_host_local('"ranges": [[@]]'), '{"subnet":"10.2.0.0/24"}'),
    "routes": Shape(_host_local('"routes": [@]'), _ROUTE),
    "routes without destination": Shape(_host_local('"routes": [@]'), "{}"),
    "static addresses": Shape(_bridge('"ipam": {"type": "static", "addresses": [@]}'), '{"address":"fd00::#/64"}'),
    "name servers": Shape(_bridge('"dns": {"nameservers": [@]}'), '"x"'),
    "search domains": Shape(_bridge('"dns": {"search": [@]}'), '"x#.example"'),
    "capabilities": Shape(_bridge('"capabilities": {@}'), '"c#":true'),
    "capabilities that are numbers": Shape(_bridge('"capabilities": {@}'), '"c#":1'),
    "keys that nobody reads": Shape(_bridge("@"), '"key#":1'),
    "keys that are nearly right": Shape(_bridge("@"), '"isGatewa#":true'),
    "keys at the top": Shape(_list('{"type": "bridge"}', "@"), '"key#":1'),
    "the same key": Shape(_bridge("@"), '"key":1'),
    "sysctls": Shape(_list('{"type": "bridge"}, {"type": "tuning", "sysctl": {@}}'), '"a.b#":"1"'),
    "versions": Shape(_list('{"type": "bridge"}', '"name": "x", "cniVersions": [@]'), '"1.#"'),
    "VLANs": Shape(_bridge('"vlanTrunk": [@]'), '{"minID":9,"maxID":5}'),
    "numbers": Shape(_bridge('"x": [@]'), "1"),
}
"""Texts that are JSON, by what there is much of."""

TEXTS = {
    "a long string": Shape(_bridge('"bridge": "@"'), "x", ""),
    "a long string of escapes": Shape(_bridge('"bridge": "@"'), "\\u00e9", ""),
    "halves of surrogate pairs": Shape(_bridge('"bridge": "@"'), "\\ud800", ""),
    "a long key": Shape(_bridge('"@": 1'), "x", ""),
    "a long name": Shape(_list('{"type": "bridge"}', '"name": "@"'), "x", ""),
    "a long type": Shape(_list('{"type": "@"}'), "x", ""),
    "a long version": Shape(_list('{"type": "bridge"}', '"name": "x", "cniVersion": "@"'), "1", "."),
    "a long number": Shape(_bridge('"mtu": @'), "9", ""),
    "a long prefix": Shape(_host_local('"routes": [{"dst": "10.0.0.0/@"}]'), "9", ""),
    "a long address": Shape(_host_local('"gateway": "@"'), "1", "."),
    "a long MAC address": Shape(_list('{"type": "macvlan", "mac": "@"}'), "0a", ":"),
    "deep lists": Shape("@", "[", ""),
    "deep objects": Shape("@", '{"a":', ""),
    "commas": Shape("@", ",", ""),
    "colons": Shape("@", ":", ""),
    "quotes": Shape("@", '"', ""),
    "backslashes": Shape('"@', "\\", ""),
    "brackets that do not match": Shape("@", "{]", ""),
    "comments": Shape("@{}", "//\n", ""),
    "comments that are not closed": Shape("@", "/*", ""),
    "blanks": Shape("@", " ", ""),
    "line ends": Shape("@", "\n", ""),
    "NUL": Shape("@", "\0", ""),
    "letters": Shape("@", "x", ""),
    "words": Shape("@", "x", " "),
    "minus signs": Shape("@", "-", ""),
    "digits and dots": Shape("@", "1", "."),
    "trailing commas": Shape(_list("@"), "[1,]"),
    "single quotes": Shape(_list("@"), "'a'"),
    "unquoted keys": Shape(_list("@"), "{a:1}"),
    "bad escapes": Shape(_list("@"), '"\\d"'),
    "missing commas": Shape(_list("@"), "1", " "),
    "bad literals": Shape(_list("@"), "True"),
}
"""Texts that are hardly JSON, or have one thing that is large."""
