"""CNI021, CNI022, CNI025 and CNI028: what cnictl is told not to say, and templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.report.finding import Severity
from cnictl.report.policy import matches
from cnictl.text.node import walk
from cnictl.text.template import placeholder_in
from cnictl.validate.ignores import KEY, ignores_of, malformed_ignores
from cnictl.validate.registry import Hit, all_rules, file_rule, findings_rule, manual

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnictl.report.finding import Finding
    from cnictl.validate.context import ConfigFile


@findings_rule("CNI021", "unused-ignore", Severity.NOTE)
def unused_ignore(file: ConfigFile, found: Sequence[Finding]) -> Iterator[Hit]:
    """An entry that is to silence a finding silences none.

    It may stand in the config under "cnictl/ignore", in the settings under "per-file-ignores", or in the baseline.

    Why:
        The mistake was mended, or the code is misspelt. Whatever is still silenced will be overlooked when it comes
        back.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "cnictl/ignore": {"CNI205": "old nodes"},
          "plugins": [{"type": "bridge", "isGateway": true}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true}]}
    Fix:
        Remove the entry.
    Reference:
        cnictl documentation, "Silence findings"
    """
    if file.assumed is not None:
        return  # what it silences may be found by the declared version only
    for ignore in ignores_of(file):
        if _is_found_later(ignore.pattern):
            continue
        if not any(ignore.covers(finding) for finding in found):
            message = f'"{ignore.pattern}" silences nothing in this config'
            yield Hit(ignore.label, message, manual("remove the entry"))


def _is_found_later(pattern: str) -> bool:
    """Whether it is about what only a directory or the installed plugins show, which are not always looked at."""
    return any((rule.on_directory or rule.on_use) and matches(pattern, rule) for rule in all_rules())


@file_rule("CNI022", "template", Severity.NOTE)
def template(file: ConfigFile) -> Iterator[Hit]:
    """The config is a template, with placeholders that a program fills in.

    What does not depend on them is judged. In /etc/cni/net.d, where runtimes read it as it is, and with --runtime,
    placeholders are not excused.

    Why:
        Nobody can tell what the config will be. A template that an installer left unfilled on a node keeps the runtime
        from loading any network.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": __CNI_MTU__}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "mtu": 1450}]}
    Fix:
        Nothing, where a program fills it in. Validate what it writes.
    Reference:
        cnictl documentation, "Validate manifests and templates"
    """
    if file.template_mark is not None:
        label, mark = file.template_mark
        message = f"this is a template, in which {mark} stands for something else"
        yield Hit(label, message, manual("validate the config that is made from it too"))


@findings_rule("CNI028", "placeholder-left", Severity.ERROR)
def placeholder_left(file: ConfigFile, found: Sequence[Finding]) -> Iterator[Hit]:
    """A runtime reads the config, and a placeholder of a template is still in it.

    It is looked for in /etc/cni/net.d and with --runtime. Elsewhere a config with placeholders is a template. The first
    one is reported, unless something else is said of it already.

    Why:
        What was to fill it in has not run, or has stopped half-way. The plugin takes the placeholder for a name or a
        path, and every pod fails or is in another network than was meant.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "bridge": "__BRIDGE__"}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "bridge": "cni0"}]}
    Fix:
        Let the program that owns the file fill it in, or write the value.
    Reference:
        cnictl documentation, "Validate manifests and templates"
    """
    root = file.document.root if file.live and file.document.refused is None else None
    reported = {finding.location.pointer for finding in found}
    strings = [node for node in (walk(root) if root is not None else ()) if node.kind == "string"]
    left = [(node, mark) for node in strings if (mark := placeholder_in(node.value)) and node.pointer not in reported]
    for node, mark in left[:1]:
        others = len(left) - 1
        more = {0: "", 1: ", nor has one more"}.get(others, f", nor have {others} more")
        evidence = {"placeholders": [mark for _, mark in left]}
        yield Hit(node.label, f"{mark} has not been filled in{more}", manual("fill it in"), evidence)


@file_rule("CNI025", "ignore-malformed", Severity.WARNING)
def ignore_malformed(file: ConfigFile) -> Iterator[Hit]:
    """What is written under "cnictl/ignore" is not understood.

    Why:
        It silences nothing. In a config of a single plugin the key is not read either, for there the runtime hands all
        keys on to the plugin.
    Bad: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "cnictl/ignore": ["CNI205"],
          "plugins": [{"type": "bridge", "isGateway": true}]}
    Good: 10-net.conflist
        {"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge", "isGateway": true}]}
    Fix:
        Write {"CODE": "reason"}, or {"CODE": {"at": ["/plugins/1"], "reason": "..."}}, at the top of a list.
    Reference:
        cnictl documentation, "Silence findings"
    """
    for label, message in malformed_ignores(file):
        yield Hit(label, message, manual(f'write "{KEY}": {{"CODE": "reason"}} at the top of a list'))
