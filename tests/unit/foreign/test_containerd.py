"""containerd's config, as each of its versions puts it together; most of it was seen with the real 1.6.20."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.foreign.containerd import CNI_DEFAULTS, read_containerd
from cnictl.text.source import Source

OLD, NEW = (1, 6, 20), (2, 1, 0)
V1 = '[plugins.cri.cni]\nbin_dir = "/x"\nconf_dir = "/y"\n'
V2 = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".cni]\nbin_dir = "/x"\nconf_dir = "/y"\n'
V3 = 'version = 3\n[plugins."io.containerd.cri.v1.runtime".cni]\nbin_dirs = ["/x", "/z"]\nconf_dir = "/y"\n'
MAIN = "/etc/containerd/config.toml"


def config(text, daemon=None, **more):
    files = {MAIN: text} | {
        f"/etc/containerd/{name.replace('conf_d_', 'conf.d/')}.toml": content for name, content in more.items()
    }

    def read(path):
        return Source(path, files[path].encode()) if path in files else None

    def expand(pattern):
        start, end = pattern.split("*")
        return sorted(path for path in files if path.startswith(start) and path.endswith(end))

    return read_containerd(MAIN, read, expand, daemon)


def dirs(found):
    return found.cni("bin_dirs").value, found.cni("conf_dir").value


DEFAULTS = (["/opt/cni/bin"], "/etc/cni/net.d")


@pytest.mark.parametrize(
    ("text", "daemon", "wanted"),
    [
        ("", OLD, DEFAULTS),
        ("", NEW, DEFAULTS),
        (V1, OLD, (["/x"], "/y")),
        (V1, NEW, (["/x"], "/y")),
        (V2, OLD, (["/x"], "/y")),
        (V2, NEW, (["/x"], "/y")),
        (V2, (2, 3, 4), (["/x"], "/y")),
        (V3, OLD, DEFAULTS),
        (V3, NEW, (["/x", "/z"], "/y")),
        (V3, (2, 0, 0), (["/opt/cni/bin"], "/y")),
        (V3.replace("version = 3", "version = 4"), (2, 3, 4), (["/x", "/z"], "/y")),
        (V2.replace("version = 2\n", ""), OLD, DEFAULTS),
        (V1.replace("[plu", "version = 2\n[plu"), OLD, DEFAULTS),
        (V2.replace("version = 2", "version = 3"), OLD, (["/x"], "/y")),
        (V2.replace("version = 2", "version = 3"), NEW, DEFAULTS),
        (V2.replace("version = 2", "version = 3"), (2, 3, 0), (["/x"], "/y")),
        (V2.replace("bin_dir", "bin_dirs"), OLD, (["/opt/cni/bin"], "/y")),
        (V2, None, (["/x"], "/y")),
        (V3, None, (["/x", "/z"], "/y")),
    ],
)
def test_which_table_counts(text, daemon, wanted):
    assert dirs(config(text, daemon)) == wanted


def test_values_know_where_they_stand():
    found = config(V2, OLD)
    place = found.cni("conf_dir").location
    assert (place.file, place.line, place.column) == (MAIN, 4, 12)
    assert found.cni("conf_dir").origin == f"{MAIN}:4"
    assert found.cni("max_conf_num").origin == "the default"
    assert found.cni("bin_dirs").key_location.column == 1


def test_an_old_daemon_replaces_the_whole_table():
    text = V2.replace("\n[", '\nimports = ["conf.d/*.toml"]\n[', 1)
    drop_in = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".cni]\nconf_dir = "/other"\n'
    old, new = config(text, OLD, conf_d_x=drop_in), config(text, NEW, conf_d_x=drop_in)
    assert dirs(old) == (["/opt/cni/bin"], "/other")
    assert dirs(new) == (["/x"], "/other")
    (replaced,) = old.replaced
    assert replaced.table == "io.containerd.grpc.v1.cri"
    assert [path[-1] for path in replaced.lost] == ["bin_dir"]
    assert replaced.by.location.file == "/etc/containerd/conf.d/x.toml"
    assert new.replaced == ()


def test_imports_follow_each_other_and_end():
    first = 'version = 2\nimports = ["a.toml", "/nowhere.toml"]\n'
    found = config(first, OLD, a='imports = ["../containerd/config.toml", "b.toml"]\nroot = "/a"', b='root = "/b"')
    assert [file.source.path.rpartition("/")[2] for file in found.files] == ["config.toml", "a.toml", "b.toml"]
    assert [(each.path, each.wanted.location.line) for each in found.missing] == [("/nowhere.toml", 2)]
    assert found.get("root").value == "/b"


@pytest.mark.parametrize("name", ["cri", "io.containerd.grpc.v1.cri"])
def test_cri_can_be_switched_off(name):
    found = config(f'version = 2\ndisabled_plugins = ["other", "{name}"]\n', OLD)
    assert found.cri_disabled.value == name
    assert found.cri_disabled.location.line == 2
    assert config(V2).cri_disabled is None


@pytest.mark.parametrize(
    ("text", "daemon", "ignored"),
    [
        (V1, OLD, []),
        (V2, OLD, []),
        (V3, NEW, []),
        (V2.replace("version = 2\n", ""), OLD, [("io.containerd.grpc.v1.cri", False)]),
        (V1.replace("[plu", "version = 2\n[plu"), OLD, [("cri", True)]),
        (V1.replace("[plu", "version = 2\n[plu"), NEW, [("cri", False)]),
        (V3.replace("version = 3", "version = 2"), OLD, [("io.containerd.cri.v1.runtime", False)]),
        (V3, OLD, [("io.containerd.cri.v1.runtime", False)]),
        (V2.replace("version = 2", "version = 3"), NEW, [("io.containerd.grpc.v1.cri.cni", False)]),
        ('version = 3\n[plugins."io.containerd.grpc.v1.cri"]\nstream_server_port = "0"\n', NEW, []),
    ],
)
def test_tables_that_do_not_count_are_named(text, daemon, ignored):
    found = config(text, daemon)
    assert [(each.name, each.fatal) for each in found.ignored] == ignored


@pytest.mark.parametrize(
    ("daemon", "unknown"),
    [
        ((1, 5, 0), {"bin_dirs", "ip_pref", "setup_serially", "use_internal_loopback", "bindir"}),
        ((1, 6, 0), {"bin_dirs", "setup_serially", "use_internal_loopback", "bindir"}),
        ((1, 7, 0), {"bin_dirs", "use_internal_loopback", "bindir"}),
        ((2, 0, 0), {"bin_dirs", "bindir"}),
        ((2, 1, 0), {"bindir"}),
    ],
)
def test_keys_that_a_daemon_does_not_know(daemon, unknown):
    keys = 'bin_dirs = ["/x"]\nip_pref = "cni"\nsetup_serially = true\nuse_internal_loopback = true\nbindir = "/x"\n'
    found = config(V2 + keys, daemon)
    assert found.unknown_cni_keys.keys() == unknown
    assert found.cni("ip_pref").value == ("" if "ip_pref" in unknown else "cni")
    assert found.cni("setup_serially").value is ("setup_serially" not in unknown)
    assert found.cni("use_internal_loopback").value is ("use_internal_loopback" not in unknown)


def test_both_spellings_of_the_plugin_directory():
    text = V3 + 'bin_dir = "/old"\n'
    one, many = config(text, NEW).both_bin_dirs
    assert (one.value, many.value) == ("/old", ["/x", "/z"])
    assert config(V3, NEW).both_bin_dirs is None
    assert config(text.replace('["/x", "/z"]', '["/opt/cni/bin"]'), NEW).both_bin_dirs is None


def test_the_rest_of_the_table():
    v2 = config(
        'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\nsandbox_image = "k8s.gcr.io/pause:3.5"\n'
        '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\nSystemdCgroup = true\n',
        OLD,
    )
    assert (v2.sandbox_image.value, v2.systemd_cgroup.value) == ("k8s.gcr.io/pause:3.5", True)
    moved = config(v2.files[0].source.text, NEW)
    assert (moved.sandbox_image.value, moved.systemd_cgroup.value) == ("k8s.gcr.io/pause:3.5", True)
    assert config("", OLD).sandbox_image.value is None
    assert config("", OLD).systemd_cgroup.value is False
    kata = '[plugins.cri]\nsystemd_cgroup = true\n[plugins.cri.containerd]\ndefault_runtime_name = "kata"\n'
    assert config(kata, OLD).systemd_cgroup.value is True


def test_a_broken_file_is_one_of_the_files():
    found = config("[plugins\n", OLD)
    assert [file.source.path for file in found.broken] == [MAIN]
    assert dirs(found) == DEFAULTS
    assert found.version.value == 1


def test_no_file_at_all():
    assert read_containerd(MAIN, lambda _: None, lambda _: []) is None


@pytest.mark.parametrize("text", ["version = true", "version = -1", "version = 'x'", "plugins = 1", "imports = 3"])
def test_odd_values(text):
    for daemon in (None, OLD, NEW):
        assert dirs(config(text, daemon)) == DEFAULTS


@given(
    st.lists(
        st.sampled_from(
            [
                "version = 2\n",
                "version = 3\n",
                "imports = ['*.toml']\n",
                "[plugins.cri]\n",
                "[plugins.cri.cni]\n",
                "x = 1\n",
                '[plugins."io.containerd.grpc.v1.cri".cni]\n',
                '[plugins."io.containerd.cri.v1.runtime".cni]\n',
                'bin_dir = "/b"\n',
                "bin_dirs = [1, '/c']\n",
                "conf_dir = 7\n",
                "max_conf_num = 0\n",
                "cni = 3\n",
            ]
        )
    ),
    st.sampled_from([None, OLD, NEW, (2, 3, 0)]),
)
def test_any_of_it_gives_values_of_some_kind(lines, daemon):
    found = config("".join(lines), daemon, x="".join(reversed(lines)))
    for key in CNI_DEFAULTS:
        found.cni(key)
    assert isinstance(found.cni("bin_dirs").value, list)
    assert found.unknown_cni_keys is not None
    assert found.sandbox_image is not None
