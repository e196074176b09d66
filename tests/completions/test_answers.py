"""What can stand at the cursor, whatever the shell."""

from __future__ import annotations

import json
import os
import time

import pytest

from cnictl.cli.completing import live
from cnictl.cli.completing.answer import answer_to
from cnictl.cli.completing.cursor import Line
from cnictl.cli.completing.found import CONFIGS, MANIFESTS, SOURCES, Files
from tests.completions.conftest import write_network
from tests.support.caches import CacheTree

pytestmark = pytest.mark.usefixtures("home")

ANY = Files()
DIRECTORIES = Files(directories=True)


def asked(line: str):
    """The answer to a line without the program's name; what is behind the last space is begun."""
    *words, current = line.split(" ")
    return answer_to(Line(words, current)).found


def words(line: str) -> list[str]:
    return [word.text for word in asked(line).words]


def begun(line: str) -> list[str]:
    """Those that begin with what stands there."""
    current = line.rpartition(" ")[2].rpartition(",")[2]
    return [word for word in words(line) if word.rpartition(",")[2].startswith(current)]


class TestNames:
    def test_commands_have_their_line_of_help(self):
        found = {word.text: word.help for word in asked("").words}
        assert found["exec"] == "Run a network's plugins, as a runtime does."
        assert "--help" not in found
        assert words("exec ") == ["add", "check", "del", "gc", "status", "version"]
        assert {"add", "list", "move", "remove"} == set(words("chain "))

    def test_a_command_that_does_something_by_itself_has_its_options_beside_its_commands(self):
        assert words("doctor ")[0] == "merge"
        assert "--select" in words("doctor ")
        assert "--select" not in words("doctor merge --")

    def test_every_kind_can_be_generated_and_has_its_options(self):
        assert {"bridge", "calico", "sriov"} <= set(words("generate "))
        assert {"--is-gateway", "--no-is-gateway", "--subnet", "--mtu"} <= set(words("generate bridge --"))
        assert "--vlan-id" in words("generate vlan --")
        assert "--subnet" not in words("generate loopback --")

    def test_kinds_of_ones_own_are_those_of_which_there_is_a_schema(self, home):
        (home / "schemas").mkdir()
        (home / "schemas" / "mine.schema.json").write_text("{}")
        assert "mine" in words("generate --schema-dir schemas ")
        assert "mine" not in words("generate ")
        assert "--subnet" in words("generate --schema-dir schemas mine --")

    def test_an_option_is_offered_once_unless_it_is_repeatable(self):
        offered = words("validate --format json --select CNI3 --strict --")
        assert not {"--format", "-f", "--strict"} & set(offered)
        assert {"--select", "--matrix"} <= set(offered)
        assert not {"--rollback", "--no-rollback"} & set(words("exec add --no-rollback --"))

    def test_options_have_help_and_hidden_arguments_are_not_offered(self):
        helps = {word.text: word.help for word in asked("exec gc pods --").words}
        assert helps["--dry-run"].startswith("Show what would be run")
        assert asked("exec gc pods ").label == "option"

    @pytest.mark.parametrize("line", ["nonsense ", "exec nonsense ", "validate --strict=", "explain CNI305 x -- "])
    def test_what_makes_no_sense_has_no_values(self, line):
        assert not [word for word in words(line) if not word.startswith("-")]
        assert asked(line).files is None


class TestFixedValues:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("validate --format ", {"text", "json", "sarif", "github", "junit"}),
            ("doctor -f ", {"text", "json", "html", "npd", "prometheus", "junit"}),
            ("exec add --format ", {"text", "json"}),
            ("validate --runtime ", {"containerd", "cri-o", "libcni", "multus"}),
            ("doctor --runtime ", {"auto", "containerd", "cri-o", "podman", "none"}),
            ("upgrade --to ", {"0.4.0", "1.0.0", "1.1.0"}),
            ("upgrade --for ", {"kubernetes"}),
            ("validate --spec-version ", {"0.1.0", "1.1.0"}),
            ("generate bridge --cni-version ", {"1.0.0"}),
            ("generate bridge --ip-masq-backend ", {"iptables", "nftables"}),
            ("generate bridge --ipam ", {"host-local", "static", "dhcp", "whereabouts"}),
            ("generate bridge --capability ", {"mac", "ips", "portMappings"}),
            ("generate bridge --tuning ", {"mtu=", "promisc="}),
            ("generate bridge --ipam-set ", {"rangeStart="}),
            ("generate bridge --ipam whereabouts --ipam-set ", {"range="}),
            ("chain add tuning here.conflist --set ", {"mtu="}),
            ("exec add --cap ", {"mac=", "portMappings="}),
            ("exec add --args ", {"K8S_POD_NAME="}),
            ("exec add --bandwidth ", {"ingress=", "egress="}),
            ("exec add --bandwidth ingress=1M,", {"ingress=1M,egress="}),
            ("schema ", {"conflist", "plugins/bridge"}),
            ("completion ", {"bash", "zsh", "fish"}),
            ("explain ", {"CNI001", "CNI305", "CNI804", "CNI901"}),
            ("explain portmap-", {"portmap-without-capability"}),
            ("doctor --select ", {"dns", "host ports", "CNI804"}),
            ("rules --select ", {"CNI001", "CNI804", "CNI901"}),
        ],
    )
    def test_values_that_do_not_change(self, line, expected):
        assert expected <= set(words(line))

    def test_codes_are_those_of_the_command(self):
        assert not [code for code in words("validate --select ") if code.startswith(("CNI8", "CNI9"))]
        assert not [code for code in words("doctor --select ") if code.startswith(("CNI3", "CNI9"))]

    def test_codes_are_joined_by_commas_and_none_is_offered_twice(self):
        assert begun("validate --select CNI305,CNI30")[0] == "CNI305,CNI301"
        assert "CNI305,CNI305" not in words("validate --select CNI305,CNI30")
        assert "dns,CNI804" in words("doctor --ignore dns,")

    @pytest.mark.parametrize(
        "line", ["exec add --port ", "exec add --jobs ", "generate bridge --name ", "doctor --symptom "]
    )
    def test_free_values_are_not_guessed(self, line):
        assert asked(line) == ([], None, asked(line).label)

    @pytest.mark.parametrize(
        ("line", "files"),
        [
            ("validate ", SOURCES),
            ("validate --config ", Files(("toml",))),
            ("validate --baseline ", Files(("json",))),
            ("validate --bin-dir ", DIRECTORIES),
            ("validate --bin-dir=", DIRECTORIES),
            ("doctor --root ", DIRECTORIES),
            ("doctor --log ", ANY),
            ("doctor --from ", Files(("json",))),
            ("doctor merge ", Files(("json",))),
            ("generate bridge -o ", ANY),
            ("exec add --pod ", MANIFESTS),
            ("exec add net.d/", CONFIGS),
            ("exec add pods ./", ANY),
            ("chain list ", SOURCES),
            ("chain add portmap ", SOURCES),
            ("try net.d/", CONFIGS),
            ("runtime-config ", MANIFESTS),
        ],
    )
    def test_files(self, line, files):
        assert asked(line).files == files


class TestLiveNames:
    def test_networks_are_those_of_the_directory_in_the_line(self, monkeypatch):
        found = {word.text: word.help for word in asked("exec add --conf-dir net.d ").words}
        assert found == {"webnet": "10-web.conflist", "dbnet": "20-db.conflist", "here.conflist": "file"}
        assert {"webnet", "dbnet"} <= set(words("try --conf-dir=net.d "))
        assert {"webnet", "dbnet"} <= set(words("runtime-config pod.yaml --conf-dir net.d "))
        monkeypatch.setenv("NETCONFPATH", "net.d")
        assert "webnet" in words("exec gc ")
        assert "webnet" in words("exec gc --conf-dir ~/net.d ")
        assert "webnet" not in words("exec gc --conf-dir nowhere ")

    def test_files_are_looked_for_where_no_name_begins_so(self):
        assert asked("exec add --conf-dir net.d web").files is None
        assert asked("exec add --conf-dir net.d ne").files == CONFIGS

    def test_what_is_attached(self, monkeypatch):
        monkeypatch.setenv("CNI_CACHE_DIR", "cni")
        assert words("attachments ") == ["dbnet", "gonenet", "webnet"]
        assert words("attachments webnet --container-id ") == ["id-web"]
        assert "gonenet" in words("exec del --conf-dir net.d ")
        assert words("exec gc webnet --keep ") == ["id-web:net7"]
        assert words("exec gc --conf-dir net.d net.d/10-web.conflist --keep ") == ["id-web:net7"]
        assert words("exec del webnet --ifname ") == ["net7"]
        assert {"id-web", "id-db"} <= set(words("exec check --container-id "))

    def test_namespaces_that_are_attached_come_first(self, home, monkeypatch):
        for name in ("aaa", "gone"):
            (home / "netns" / name).parent.mkdir(exist_ok=True)
            (home / "netns" / name).write_text("")
        monkeypatch.setattr(live, "RUN_DIR", home / "netns")
        assert words("exec add gonenet ") == ["aaa", "gone", "pid:"]
        assert words("exec del --cache-dir cni gonenet ") == ["gone", "aaa", "pid:"]
        assert words("exec check --cache-dir cni webnet ") == ["/proc/self/ns/net", "aaa", "gone", "pid:"]
        assert words("exec add gonenet aaa ") == ["gone", "pid:"]

    def test_processes_in_other_namespaces(self, monkeypatch):
        own = live._namespace
        monkeypatch.setattr(live, "_namespace", lambda name: "other" if name == str(os.getpid()) else own(name))
        offered = words("exec add pods pid:")
        assert f"pid:{os.getpid()}" in offered
        assert not [word for word in offered if word.endswith(f":{os.getppid()}")]  # which is where we are

    def test_plugins_are_those_that_are_installed(self, monkeypatch):
        assert words("plugins --bin-dir bin ") == ["zebra", "zebu"]
        assert words("exec version zebra --bin-dir bin ") == ["zebu"]
        monkeypatch.setenv("CNI_PATH", os.path.realpath("bin"))
        assert {"zebu", "portmap"} <= set(words("chain add "))

    def test_the_plugins_of_a_file(self):
        assert words("chain remove here.conflist ") == ["macvlan", "tuning", "portmap"]
        assert words("chain move portmap here.conflist --after ") == ["macvlan", "tuning", "portmap"]
        assert asked("chain move here.conflist portmap ").label == "option"
        assert "sbr" in words("chain add here.conflist ")

    def test_what_the_configs_of_a_manifest_are_called(self, home):
        text = "kind: NetworkAttachmentDefinition\napiVersion: k8s.cni.cncf.io/v1\nmetadata: {name: storage}\n"
        (home / "nad.yaml").write_text(
            f"{text}spec: {{config: '{json.dumps({'name': 'disks', 'type': 'macvlan'})}'}}\n"
        )
        assert words("chain list nad.yaml --network ") == ["disks", "storage"]
        assert words("chain remove nad.yaml ") == ["macvlan"]
        assert words("upgrade here.conflist --network ") == ["herenet"]

    def test_capabilities_are_those_that_the_network_declares(self):
        assert words("exec add --conf-dir net.d webnet --cap ") == ["portMappings="]

    def test_interfaces_of_the_node(self):
        assert "lo" in words("generate macvlan --master ")


class TestWhatGoesWrong:
    @pytest.mark.parametrize("directory", ["nowhere", "notes.txt", "closed", "\0", "net.d/30-broken.conflist"])
    @pytest.mark.parametrize(
        "line",
        [
            "exec add --conf-dir {} ",
            "exec del --cache-dir {} x ",
            "plugins --bin-dir {} ",
            "exec gc --cache-dir {} x --keep ",
        ],
    )
    def test_what_cannot_be_read_has_no_names(self, line, directory, monkeypatch):
        if directory == "closed":
            monkeypatch.setattr(os, "listdir", _closed)
            monkeypatch.chdir("/")
        else:
            monkeypatch.setattr(live, "namespaces", list)
        assert set(words(line.format(directory))) <= {"pid:", "here.conflist", "--keep"}

    @pytest.mark.parametrize(
        "line",
        [
            "exec add --conf-dir ~nobody-at-all/x ",
            "exec gc --cache-dir ~nobody-at-all/x y --keep ",
            "plugins --bin-dir ~nobody-at-all/x ",
            "chain remove ~nobody-at-all/x.conflist ",
            "exec add ~nobody-at-all/x --cap ",
        ],
    )
    def test_a_home_of_nobody_has_nothing_in_it(self, line):
        assert set(words(line)) <= {"here.conflist", *words("exec add --cap ")}
        assert "bridge" in words("generate --schema-dir ~nobody-at-all ")

    def test_a_config_that_is_none_is_passed_over_and_a_pipe_is_not_waited_for(self, home):
        os.mkfifo(home / "net.d" / "50-pipe.conflist")
        os.mkfifo(home / "cni" / "results" / "pipe")
        (home / "net.d" / "60-list.conflist").write_text("[1]")
        (home / "net.d" / "70-odd.conflist").write_text('{"name": ["a"], "plugins": 1}')
        (home / "net.d" / "80-deep.conflist").write_text("[" * 100_000)
        (home / "net.d" / "90-bytes.conflist").write_bytes(b"\xff\xfe")
        assert words("exec add --conf-dir net.d w") == ["webnet", "dbnet", "here.conflist"]
        assert words("exec gc --cache-dir cni webnet --keep ") == ["id-web:net7"]
        assert words("exec add --conf-dir net.d net.d/70-odd.conflist --cap ")

    def test_names_that_would_break_the_line_are_left_out(self, home):
        for name in ("new\nline", "esc\x1b[31m", "over\u202eturned", "-option", "half\udcff", "no\u00a0break"):
            (home / "bin" / name).write_text("")
            (home / "bin" / name).chmod(0o755)
        assert words("plugins --bin-dir bin ") == ["zebra", "zebu"]

    def test_a_network_that_no_runtime_takes_is_not_offered(self, home):
        write_network(home / "net.d" / "50-evil.conflist", "$(touch pwned)")
        write_network(home / "net.d" / "60-path.conflist", "../up")
        assert words("exec add --conf-dir net.d ") == ["webnet", "dbnet", "here.conflist"]

    def test_help_cannot_hold_what_a_terminal_would_obey(self, home):
        write_network(home / "net.d" / "10-a\x1b[31m.conflist", "anet")
        helps = {word.text: word.help for word in asked("exec add --conf-dir net.d ").words}
        assert helps["anet"] == "10-a\N{REPLACEMENT CHARACTER}[31m.conflist"

    def test_large_directories_are_read_and_slow_ones_are_given_up(self, home, monkeypatch):
        for number in range(5000):
            write_network(home / "many" / f"{number}.conflist", f"n{number}")
        began = time.monotonic()
        assert len(words("exec add --conf-dir many n")) == 5001
        assert time.monotonic() - began < 5
        monkeypatch.setattr(live, "_PATIENCE", -1)
        assert words("exec add --conf-dir many n") == ["here.conflist"]

    def test_many_attachments(self, home):
        tree = CacheTree(home / "big")
        for number in range(500):
            tree.add(f"c{number}", network="webnet")
        assert len(words("exec gc --cache-dir big/cni webnet --keep ")) == 500


def _closed(path: object = ".") -> list[str]:
    raise PermissionError(13, "Permission denied", path)
