"""Templates: placeholders are excused, and nothing else is."""

from __future__ import annotations

import pytest

from cnictl.cli import validation
from tests.support.command import run_process

RANGES = '"ranges": [[{"subnet": "10.1.0.0/24"}]]'
BRIDGE = '{"type": "bridge", "bridge": "cni0", "ipam": {"type": "host-local", ' + RANGES + "}}"
PORTMAP = '{"type": "portmap", "capabilities": {"portMappings": true}}'


def listed(*plugins: str) -> str:
    return '{"cniVersion": "1.0.0", "name": "pods", "plugins": [' + ", ".join(plugins) + "]}"


MARKS = ["{{ .X }}", "{{- .X -}}", "${X}", "$X", "__X__", '{{ .X | default "1" }}', "{% if x %}{{ x }}{% endif %}"]


def codes(ended) -> list[str]:
    return [finding["code"] for file in ended.data["files"] for finding in file["findings"]]


@pytest.fixture
def judged(cnictl, tmp_path):
    path = tmp_path / "net.conflist"

    def call(text: str, *options: str) -> list[str]:
        path.write_text(text)
        return codes(cnictl("validate", "-f", "json", *options, path))

    return call


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    "old", ["1.0.0", "pods", '"bridge"', "cni0", "host-local", "10.1.0.0/24", "10.1.0", '"10.1.0.0/24"', "true"]
)
def test_a_placeholder_is_no_error_wherever_a_value_stands(judged, mark, old):
    assert judged(listed(BRIDGE, PORTMAP).replace(old, mark, 1)) == ["CNI022"]


@pytest.mark.parametrize(
    "text",
    [
        listed('{{ include "main" . }} ' + PORTMAP),
        listed('{{ include "main" . }}', PORTMAP),
        listed("{{ .Values.main }}", PORTMAP),
        listed(BRIDGE + "{{ .Values.more }}"),
        listed(BRIDGE + "{{ if .more }}, " + PORTMAP + "{{ end }}"),
        listed("{{ if .a }}" + BRIDGE + '{{ else }}{"type": "macvlan", "master": "eth0"}{{ end }}', PORTMAP),
        listed("{% for each in x %}{{ each }},{% endfor %}" + PORTMAP),
        listed(BRIDGE).replace('"name"', '{{ if .v }}"cniVersion": "0.4.0", {{ end }}"name"'),
        listed(BRIDGE)
        .replace('"ranges"', '{{ if .a }}"subnet": "10.1.0.0/24"{{ else }}"ranges"')
        .replace("]]}", "]]{{ end }}}"),
        listed(BRIDGE).replace("]]", ']], "routes": {{ toJson .routes }}'),
        "{{ toJson .config }}",
        "{{ if .enabled }}\n" + listed(BRIDGE) + "\n{{ end }}\n",
    ],
)
def test_what_a_template_decides_is_no_error(judged, text):
    assert judged(text) == ["CNI022"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (listed(BRIDGE.replace('"cni0"', '"{{ .b }}", "mtu": "1450"'), PORTMAP), "CNI402"),
        (listed(BRIDGE.replace("cni0", "{{ .b }}"), '{"type": "portmap"}'), "CNI305"),
        (listed(BRIDGE.replace("cni0", "{{ .b }}").replace("10.1.0.0/24", "10.1.0.0/33"), PORTMAP), "CNI502"),
        (listed(BRIDGE.replace("cni0", "{{ .b }}").replace("ranges", "rnges")), "CNI501"),
        (listed(PORTMAP, BRIDGE.replace("cni0", "{{ .b }}")), "CNI301"),
    ],
)
def test_what_does_not_depend_on_a_placeholder_is_judged(judged, text, code):
    assert code in judged(text)


def test_with_a_runtime_placeholders_are_not_excused(judged):
    text = listed(BRIDGE.replace('"cni0"', "__BRIDGE__"))
    assert judged(text) == ["CNI022"]
    assert "CNI022" not in judged(text, "--runtime", "containerd")
    assert judged(text, "--runtime", "containerd") != []


def test_in_the_own_directory_of_the_node_they_are_not_excused(cnictl, tmp_path, monkeypatch):
    (tmp_path / "10.conflist").write_text(listed(BRIDGE.replace('"cni0"', "__BRIDGE__")))
    assert cnictl("validate", tmp_path).status == 0
    monkeypatch.setenv("NETCONFPATH", str(tmp_path))
    assert cnictl("validate").status == 1


def test_a_template_is_mended_where_it_is_certain(cnictl, tmp_path):
    path = tmp_path / "net.conflist"
    text = listed(BRIDGE.replace('"cni0"', '"{{ .b }}", "mtu": "1450"'), PORTMAP)
    path.write_text(text)
    assert cnictl("validate", "--fix", path).status == 0
    assert path.read_text() == text.replace('"1450"', "1450")


def test_a_template_of_a_manifest(cnictl, tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(
        "{{- if .x }}\napiVersion: v1\nkind: ConfigMap\ndata:\n  a.conflist: '" + listed("{}") + "'\n{{ end }}"
    )
    assert codes(cnictl("validate", "-f", "json", path)) == ["CNI026"]


def test_standard_input_may_be_a_template():
    ended = run_process("validate", "-", stdin=listed(BRIDGE.replace('"cni0"', "{{ .b }}")))
    assert (ended.status, "note[CNI022]" in ended.out) == (0, True)


LEFT = listed('{"type": "bridge", "bridge": "__BRIDGE__", "isGateway": true}')


def test_a_placeholder_that_is_left_on_a_node_is_an_error(cnictl, tmp_path, monkeypatch):
    path = tmp_path / "10-net.conflist"
    path.write_text(LEFT)
    assert codes(cnictl("validate", "-f", "json", tmp_path)) == ["CNI022"]
    assert codes(cnictl("validate", "-f", "json", "--runtime", "containerd", tmp_path)) == ["CNI028"]
    monkeypatch.setattr(validation, "DEFAULT_CONF_DIR", str(tmp_path))
    for named in (tmp_path, path):
        assert codes(cnictl("validate", "-f", "json", named)) == ["CNI028"]
