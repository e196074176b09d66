from __future__ import annotations

import pytest

from cnictl.model.names import ALLOWED
from cnictl.model.structure import FLAGS, LIST_KEYS, Fault, structure_faults
from cnictl.text.parser import parse
from cnictl.text.source import Source


def faults(text: str) -> list[Fault]:
    return list(structure_faults(parse(Source("net.conf", text.encode()))))


def fault(text: str) -> tuple[str, str, str, str, str]:
    """The one fault: its kind, the text it points to, its pointer, its message and what to do."""
    (found,) = faults(text)
    start, end = found.label.span
    return found.kind, text[start:end], found.label.pointer, found.message, found.fix


def in_list(plugin: str) -> str:
    return f'{{"cniVersion": "1.0.0", "name": "pods", "plugins": [{plugin}]}}'


def at_top(members: str) -> str:
    return f'{{"name": "pods", "plugins": [{{"type": "bridge"}}], {members}}}'


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "pods", "type": "bridge"}',
        '{"NAME": "pods", "TYPE": "bridge", "CNIVERSION": "1.0.0"}',
        '{"name": "pods", "type": "bridge", "cniVersion": null}',
        '{"name": "pods", "type": "bridge", "disableCheck": 7}',
        '{"name": "pods", "type": "bridge", "cniVersions": 7}',
        '{"name": "pods", "plugins": [{"type": "bridge"}]}',
        at_top('"cniVersion": ""'),
        at_top('"cniVersion": "1.1.0", "cniVersions": ["0.4.0", "1", "1.1", "9.9.9"]'),
        at_top('"cniVersion": "9.9.9", "cniVersions": ["1.1.0"]'),
        at_top('"cniVersions": []'),
        at_top('"disableCheck": true, "disableGC": "FALSE", "loadOnlyInlinedPlugins": "true"'),
        at_top('"unknown": {"any": [1, null]}'),
        in_list('{"type": "bridge", "capabilities": null, "ipam": null, "dns": null, "prevResult": null}'),
        in_list('{"Type": "bridge", "capabilities": {"mac": true, "ips": false, "dns": null}}'),
        in_list('{"type": "bridge", "ipam": {}}'),
        in_list('{"type": "bridge", "ipam": {"type": null}}'),
        in_list('{"type": "bridge", "ipam": {"type": ""}}'),
        in_list(
            '{"type": "bridge", "dns": {"nameservers": ["10.0.0.2"], "search": [], "options": null, "domain": "a"}}'
        ),
        in_list('{"type": "bridge", "prevResult": {}}'),
        in_list('{"type": "host-device"}, {"type": "tuning", "anything": []}'),
    ],
)
def test_a_config_that_can_be_loaded_has_no_fault(text):
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[]", "an array"),
        ("null", "null"),
        ('"bridge"', "a string"),
        ("1", "a number"),
        ("1.5", "a number"),
        ("true", "a boolean"),
    ],
)
def test_a_config_is_an_object(text, what):
    message = f"a network config is an object, and this is {what}"
    fix = "write { ... } around a config, one config to a file"
    assert fault(text) == ("not-an-object", text, "", message, fix)


@pytest.mark.parametrize("text", ["", "{", "[1,"])
def test_a_text_without_a_tree_has_no_fault_of_structure(text):
    assert faults(text) == []


@pytest.mark.parametrize("text", ["{}", '{"name": "pods"}', '{"cniVersion": 1}'])
def test_an_object_that_is_no_config_has_one_fault(text):
    message = 'this is no network config: it has neither "plugins" (a list) nor "type" (a single plugin)'
    assert fault(text) == ("plugins-missing", text, "", message, 'add "plugins": [ ... ]')


@pytest.mark.parametrize(
    ("text", "written", "pointer", "wanted"),
    [
        ('{"name": "pods", "plugin": []}', "plugin", "/plugin", "plugins"),
        ('{"name": "pods", "Plugins": []}', "Plugins", "/Plugins", "plugins"),
        ('{"name": "pods", "typ": "bridge"}', "typ", "/typ", "type"),
    ],
)
def test_a_key_that_was_meant_to_be_another_is_pointed_to(text, written, pointer, wanted):
    message = f'"{wanted}" is missing; "{written}" is not read as such'
    assert fault(text) == ("plugins-missing", f'"{written}"', pointer, message, f'write "{wanted}"')


# The name


@pytest.mark.parametrize("text", ['{"type": "bridge"}', '{"plugins": [{"type": "bridge"}]}'])
def test_a_network_needs_a_name(text):
    assert fault(text) == ("name-missing", text, "", 'the network has no "name"', 'add "name": "..."')


def test_the_name_of_a_list_in_other_letters_is_pointed_to():
    text = '{"Name": "pods", "plugins": [{"type": "bridge"}]}'
    message = '"name" is missing; "Name" is not read as such'
    assert fault(text) == ("name-missing", '"Name"', "/Name", message, 'write "name"')


@pytest.mark.parametrize(("value", "what"), [("1", "a number"), ("null", "null"), ("[]", "an array")])
def test_a_name_is_a_string(value, what):
    text = f'{{"name": {value}, "plugins": [{{"type": "bridge"}}]}}'
    message = f'"name" must be a string, and this is {what}'
    assert fault(text) == ("name-invalid", value, "/name", message, "put the name in quotes")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('""', "the network name is empty"),
        (r'"pods\n"', f'the network name "pods\n" is not valid: it {ALLOWED}'),
        ('"../x"', f'the network name "../x" is not valid: it {ALLOWED}'),
    ],
    ids=["empty", "line end", "path"],
)
def test_a_name_that_is_not_safe_is_refused(value, message):
    text = f'{{"name": {value}, "type": "bridge"}}'
    assert fault(text) == (
        "name-invalid",
        value,
        "/name",
        message,
        "rename the network; letters, digits and - are safe",
    )


# Versions


@pytest.mark.parametrize(
    ("value", "what"),
    [("1.0", "a number"), ("1", "a number"), ("true", "a boolean"), ("null", "null"), ("[]", "an array")],
)
def test_a_version_is_a_string(value, what):
    message = f'"cniVersion" must be a string, and this is {what}'
    fix = 'write it in quotes, such as "1.0.0"'
    assert fault(at_top(f'"cniVersion": {value}')) == ("version-malformed", value, "/cniVersion", message, fix)


BEST = 'write "1.0.0", which every current runtime and plugin speaks'


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("1.0", 'write "1.0.0"'),
        ("1", 'write "1.0.0"'),
        ("v1.1.0", 'write "1.1.0"'),
        ("0.4", 'write "0.4.0"'),
        ("1.0.0-rc1", 'write "1.0.0"'),
        ("1.0.0\\n", 'write "1.0.0"'),
        ("0,3,1", 'write "0.3.1"'),
        ("1.0.0.0", 'write "1.0.0"'),
        ("2", BEST),
        ("5", BEST),
        ("latest", BEST),
        ("١.0.0", BEST),
        (" ", BEST),
    ],
)
def test_a_version_has_three_numbers(value, fix):
    read = value.replace("\\n", "\n")
    message = f'"{read}" is not a spec version, which has three numbers: 1.0.0'
    found = fault(at_top(f'"cniVersion": "{value}"'))
    assert found == ("version-malformed", f'"{value}"', "/cniVersion", message, fix)


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("1.2.0", BEST),
        ("0.0.0", BEST),
        ("0.1.3", 'write "0.3.1"'),
        ("4.0.0", 'write "0.4.0"'),
        ("01.0.0", BEST),
        ("9.9.9", BEST),
    ],
)
def test_a_version_must_have_been_published(value, fix):
    known = "0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0 and 1.1.0"
    message = f"there is no CNI spec {value}; the versions are {known}"
    found = fault(at_top(f'"cniVersion": "{value}"'))
    assert found == ("version-unknown", f'"{value}"', "/cniVersion", message, fix)


def test_a_single_plugin_cannot_offer_other_versions_than_its_unknown_one():
    text = '{"cniVersion": "9.9.9", "cniVersions": ["1.0.0"], "name": "pods", "type": "bridge"}'
    assert fault(text)[:2] == ("version-unknown", '"9.9.9"')


@pytest.mark.parametrize(("value", "what"), [('"1.0.0"', "a string"), ("null", "null"), ("{}", "an object")])
def test_the_offered_versions_are_an_array(value, what):
    message = f'"cniVersions" must be an array of versions, and this is {what}'
    found = fault(at_top(f'"cniVersions": {value}'))
    assert found == ("versions-invalid", value, "/cniVersions", message, "write [ ... ] around the versions")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1.0", "a number"),
        ("null", "null"),
        ('"v1"', '"v1"'),
        ('""', '""'),
        ('"1.0.0.0"', '"1.0.0.0"'),
        ('"1."', '"1."'),
        ('"١"', '"١"'),
    ],
)
def test_each_offered_version_is_one(value, shown):
    message = f'each entry of "cniVersions" must be a version, and this is {shown}'
    found = fault(at_top(f'"cniVersions": ["1.0.0", {value}]'))
    assert found == ("versions-invalid", value, "/cniVersions/1", message, 'write it like "1.0.0"')


# Flags


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize(
    ("value", "what"),
    [("1", "a number"), ("null", "null"), ('"yes"', "a string"), ('" true"', "a string"), ("[]", "an array")],
)
def test_a_flag_is_true_or_false(flag, value, what):
    message = f'"{flag}" must be true or false, and this is {what}'
    found = fault(at_top(f'"{flag}": {value}'))
    assert found == ("flag-invalid", value, f"/{flag}", message, "write true or false, without quotes")


def test_the_keys_of_a_list_are_those_of_the_spec():
    flags = ["disableCheck", "disableGC", "loadOnlyInlinedPlugins"]
    assert list(FLAGS) == flags
    assert list(LIST_KEYS) == ["cniVersion", "cniVersions", "name", "plugins", *flags]


# Plugins


@pytest.mark.parametrize(
    ("value", "what"),
    [("null", "null"), ("{}", "an object"), ('{"type": "bridge"}', "an object"), ('"bridge"', "a string")],
)
def test_the_plugins_are_an_array(value, what):
    message = f'"plugins" must be an array, and this is {what}'
    found = fault(f'{{"name": "pods", "plugins": {value}}}')
    assert found == ("plugins-not-an-array", value, "/plugins", message, "write [ ... ] around the plugin")


def test_a_list_has_a_plugin():
    found = fault('{"name": "pods", "plugins": []}')
    assert found == ("plugins-empty", "[]", "/plugins", '"plugins" is empty', "add at least one plugin")


@pytest.mark.parametrize(("value", "what"), [("null", "null"), ('"bridge"', "a string"), ("[]", "an array")])
def test_a_plugin_is_an_object(value, what):
    message = f"a plugin is an object, and this is {what}"
    found = fault(in_list(f'{{"type": "bridge"}}, {value}'))
    assert found == ("plugin-not-an-object", value, "/plugins/1", message, 'write {"type": "..."}')


def test_a_plugin_needs_a_type():
    found = fault(in_list("{}"))
    assert found == ("type-missing", "{}", "/plugins/0", 'the plugin has no "type"', 'add "type": "..."')
    found = fault(in_list('{"type": null}'))
    assert found == ("type-missing", '{"type": null}', "/plugins/0", 'the plugin has no "type"', 'add "type": "..."')


def test_a_type_under_a_misspelt_key_is_pointed_to():
    found = fault(in_list('{"tpye": "bridge"}'))
    message = '"type" is missing; "tpye" is not read as such'
    assert found == ("type-missing", '"tpye"', "/plugins/0/tpye", message, 'write "type"')


@pytest.mark.parametrize(("value", "what"), [("1", "a number"), ("{}", "an object"), ("false", "a boolean")])
def test_a_type_is_a_string(value, what):
    message = f'"type" must be a string, and this is {what}'
    found = fault(in_list(f'{{"type": {value}}}'))
    assert found == ("type-invalid", value, "/plugins/0/type", message, "write the name of the plugin's executable")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('""', "the plugin type is empty"),
        ('".."', 'the plugin type cannot be ".."'),
        ('"../sh"', 'the plugin type "../sh" is a path; it must be the bare name of the executable'),
        ('"/bin/sh"', 'the plugin type "/bin/sh" is a path; it must be the bare name of the executable'),
    ],
)
def test_a_type_is_no_path(value, message):
    fix = "write the bare name of the plugin's executable"
    assert fault(in_list(f'{{"type": {value}}}')) == ("type-invalid", value, "/plugins/0/type", message, fix)
    assert fault(f'{{"name": "pods", "Type": {value}}}') == ("type-invalid", value, "/Type", message, fix)


def test_in_any_letter_case_the_last_type_is_judged():
    assert fault(in_list('{"type": "bridge", "TYPE": 1}'))[:3] == ("type-invalid", "1", "/plugins/0/TYPE")


def entry(key: str, value: str) -> str:
    return in_list(f'{{"type": "bridge", "{key}": {value}}}')


@pytest.mark.parametrize(("value", "what"), [('["mac"]', "an array"), ("true", "a boolean"), ('"mac"', "a string")])
def test_capabilities_are_an_object(value, what):
    message = f'"capabilities" must be an object such as {{"portMappings": true}}, and this is {what}'
    fix = "write an object of names with true or false"
    found = fault(entry("capabilities", value))
    assert found == ("capabilities-invalid", value, "/plugins/0/capabilities", message, fix)


@pytest.mark.parametrize(("value", "what"), [('"true"', "a string"), ("1", "a number"), ("{}", "an object")])
def test_a_capability_is_true_or_false(value, what):
    message = f'the capability "mac" must be true or false, and this is {what}'
    found = fault(entry("capabilities", f'{{"ips": true, "mac": {value}}}'))
    pointer = "/plugins/0/capabilities/mac"
    assert found == ("capabilities-invalid", value, pointer, message, "write true, without quotes")


@pytest.mark.parametrize(("value", "what"), [('"host-local"', "a string"), ("[]", "an array"), ("0", "a number")])
def test_ipam_is_an_object(value, what):
    message = f'"ipam" must be an object, and this is {what}'
    found = fault(entry("ipam", value))
    assert found == ("ipam-invalid", value, "/plugins/0/ipam", message, 'write {"type": "host-local", ...}')


@pytest.mark.parametrize(("value", "what"), [("1", "a number"), ("[]", "an array")])
def test_the_type_of_ipam_is_a_string(value, what):
    message = f'the "type" of "ipam" must be a string, and this is {what}'
    found = fault(entry("ipam", f'{{"type": {value}}}'))
    assert found == ("ipam-invalid", value, "/plugins/0/ipam/type", message, "write the name of the IPAM plugin")


def test_the_type_of_ipam_is_no_path():
    message = 'the plugin type "a/b" is a path; it must be the bare name of the executable'
    found = fault(entry("ipam", '{"Type": "a/b"}'))
    assert found == ("ipam-invalid", '"a/b"', "/plugins/0/ipam/Type", message, "write the bare name of the IPAM plugin")


@pytest.mark.parametrize(("value", "what"), [("[]", "an array"), ('"10.0.0.2"', "a string")])
def test_dns_is_an_object(value, what):
    message = f'"dns" must be an object, and this is {what}'
    fix = 'write {"nameservers": [...], "search": [...]}'
    assert fault(entry("dns", value)) == ("dns-invalid", value, "/plugins/0/dns", message, fix)


@pytest.mark.parametrize(
    ("key", "value", "wanted", "what"),
    [
        ("nameservers", '"10.0.0.2"', "an array", "a string"),
        ("search", "{}", "an array", "an object"),
        ("options", "1", "an array", "a number"),
        ("domain", "[]", "a string", "an array"),
    ],
)
def test_the_keys_of_dns_have_their_kinds(key, value, wanted, what):
    message = f'"{key}" must be {wanted}, and this is {what}'
    found = fault(entry("dns", f'{{"{key}": {value}}}'))
    assert found == ("dns-invalid", value, f"/plugins/0/dns/{key}", message, f"write {wanted}")


@pytest.mark.parametrize(("value", "what"), [("1", "a number"), ("null", "null")])
def test_the_entries_of_dns_are_strings(value, what):
    message = f'each entry of "nameservers" must be a string, and this is {what}'
    found = fault(entry("dns", f'{{"nameservers": ["10.0.0.2", {value}]}}'))
    assert found == ("dns-invalid", value, "/plugins/0/dns/nameservers/1", message, "put the entry in quotes")


@pytest.mark.parametrize(("value", "what"), [("[]", "an array"), ('""', "a string"), ("false", "a boolean")])
def test_a_previous_result_is_an_object(value, what):
    message = f'"prevResult" must be an object, and this is {what}'
    found = fault(entry("prevResult", value))
    fix = "remove it: the runtime writes it"
    assert found == ("prev-result-invalid", value, "/plugins/0/prevResult", message, fix)


# Together


def test_all_faults_are_told_the_outermost_first():
    text = (
        '{"cniVersion": "1.0", "name": "a/b", "cniVersions": 1, "disableGC": 1, '
        '"plugins": [{}, 1, {"type": 2, "capabilities": 3, "ipam": 4, "dns": 5, "prevResult": 6}]}'
    )
    assert [(found.kind, found.label.pointer) for found in faults(text)] == [
        ("name-invalid", "/name"),
        ("version-malformed", "/cniVersion"),
        ("versions-invalid", "/cniVersions"),
        ("flag-invalid", "/disableGC"),
        ("type-missing", "/plugins/0"),
        ("plugin-not-an-object", "/plugins/1"),
        ("type-invalid", "/plugins/2/type"),
        ("capabilities-invalid", "/plugins/2/capabilities"),
        ("ipam-invalid", "/plugins/2/ipam"),
        ("dns-invalid", "/plugins/2/dns"),
        ("prev-result-invalid", "/plugins/2/prevResult"),
    ]


def test_a_span_counts_characters_and_not_bytes():
    text = '{"name": "pods", "x": "ä名😀", "plugins": 1}'
    (found,) = faults(text)
    assert found.label.span == (text.index("1"), text.index("1") + 1)


@pytest.mark.parametrize(
    ("members", "chosen", "place"),
    [
        ('"cniVersion": "1.0.0", "cniVersions": ["1.1", "0.4.0"]', "1.1", "/cniVersions/0"),
        ('"cniVersion": "1.0.0", "cniVersions": ["1.0.07"]', "1.0.07", "/cniVersions/0"),
        ('"cniVersions": ["0.3", "0.3.5", "9.9.9"]', "0.3.5", "/cniVersions/1"),
        ('"cniVersions": ["1", "1.0"]', "1.0", "/cniVersions/1"),
    ],
)
def test_the_version_that_libcni_would_choose_must_be_one(members, chosen, place):
    kind, _, pointer, message, _ = fault(at_top(members))
    assert (kind, pointer) == ("version-unknown", place)
    assert message == f"of these versions runtimes choose {chosen}, and there is no such CNI spec"


@pytest.mark.parametrize("offered", ["1." + "9" * 5000, "0.0.0", "0." + "0" * 5000 + ".1"])
def test_versions_of_any_length_are_compared(offered):
    assert faults(at_top(f'"cniVersion": "1.0.0", "cniVersions": ["{offered}"]')) == []
