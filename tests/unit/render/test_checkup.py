"""The formats of a checkup, each as the programs that read it want it."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from cnictl.report.finding import Status
from cnictl.report.report import Cause, Checkup
from tests.support.checkups import BEGAN, HOSTILE, check, finding, rendered, sick, well

FORMS = ["text", "json", "junit", "prometheus", "npd", "html"]


@pytest.mark.parametrize("form", FORMS)
def test_a_checkup_without_anything_can_be_shown(form):
    assert rendered(form, Checkup())


@pytest.mark.parametrize("form", [form for form in FORMS if form != "json"])
def test_no_format_has_what_a_terminal_would_obey(form):
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]", rendered(form, sick()))


class TestText:
    def test_the_first_line_is_the_cause_and_the_second_what_to_run(self):
        cause, run, *_ = rendered("text", sick()).splitlines()
        assert cause == 'cause    the plugin "loopback" is not in /opt/cni/bin (CNI804)'
        assert run == "next     apt install containernetworking-plugins"

    def test_what_follows_from_something_else_says_so(self):
        lines = rendered("text", sick()).splitlines()
        assert lines[lines.index("fail  CNI845  it is not ready") + 1] == "      because of CNI804"

    def test_many_causes_are_cut_short(self):
        causes = tuple(Cause(f"CNI8{number}", "broken", "mend it") for number in range(10, 60))
        many = replace(sick(), causes=causes)
        assert rendered("text", many).count("broken (CNI8") == 6
        assert "also     44 more, shown with -v" in rendered("text", many)
        assert rendered("text", many, verbose=True).count("broken (CNI8") == 50

    def test_many_reasons_to_skip_are_cut_short(self):
        skips = [check(f"CNI8{number}", "kernel", Status.SKIP, f"reason {number}") for number in range(10, 40)]
        shown = rendered("text", replace(sick(), checks=(*sick().checks, *skips)))
        assert "skip  27 more checks for 27 other reasons, shown with -v" in shown
        assert shown.count("skip  ") == 6
        whole = rendered("text", replace(sick(), checks=(*sick().checks, *skips)), verbose=True)
        assert "skip  CNI860, CNI861, CNI862, CNI863, CNI864, CNI865: nft is not installed" in whole
        assert whole.count("skip  ") == 32

    def test_a_node_that_is_well_is_one_line(self):
        assert rendered("text", well()) == (
            "everything that could be looked at is well: 2 ok, 7 skip; 1 note, shown with -v\n"
        )
        assert "note  CNI830" in rendered("text", well(), verbose=True)

    def test_nothing_seen_is_not_well(self):
        shown = rendered("text", replace(well(), checks=[check("CNI801", "a", Status.SKIP, "it is not there")]))
        assert shown.startswith("nothing could be looked at: 1 skip\n")
        assert "skip  CNI801: it is not there" in shown

    def test_warnings_alone_are_shown(self):
        warned = check("CNI807", "versions", Status.WARN, "old", finding("CNI807", "it is old"))
        assert "warn  CNI807  it is old" in rendered("text", replace(well(), checks=[warned]))


class TestJUnit:
    def test_counts_agree_with_what_is_there(self):
        root = ET.fromstring(rendered("junit", sick()))
        for element in (root, *root):
            counted = {name: str(len(element.findall(f".//{name}"))) for name in ("failure", "error", "skipped")}
            stated = (element.get("failures"), element.get("errors"), element.get("skipped", counted["skipped"]))
            assert tuple(counted.values()) == stated
            assert element.get("tests") == str(len(element.findall(".//testcase")))
        assert len(root.findall(".//testcase")) == len(sick().checks)

    def test_it_has_the_elements_and_attributes_that_readers_know(self):
        attributes = {
            "testsuites": {"name", "tests", "failures", "errors", "time"},
            "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
            "testcase": {"classname", "name", "time"},
            "failure": {"message", "type"},
            "error": {"message", "type"},
            "skipped": {"message"},
            "system-out": set(),
        }
        for element in ET.fromstring(rendered("junit", sick())).iter():
            assert set(element.attrib) == attributes[element.tag]

    def test_each_status_is_what_a_pipeline_makes_of_it(self):
        cases = {case.get("name"): case for case in ET.fromstring(rendered("junit", sick())).iter("testcase")}
        kinds = {name.split()[0]: [child.tag for child in case] for name, case in cases.items() if name}
        assert (kinds["CNI801"], kinds["CNI804"], kinds["CNI850"]) == ([], ["failure"], ["system-out"])
        assert (kinds["CNI805"], kinds["CNI840"], kinds["CNI830"]) == (["skipped"], ["error"], ["system-out"])
        assert cases["CNI801 name-of-cni801"].get("classname") == "cnictl.doctor.config-files"


class TestPrometheus:
    def families(self, checkup):
        return {family.name: family for family in text_string_to_metric_families(rendered("prometheus", checkup))}

    def test_a_check_is_in_exactly_one_state(self):
        states: dict[str, dict[str, float]] = {}
        for sample in self.families(sick())["cnictl_doctor_check_status"].samples:
            states.setdefault(sample.labels["code"], {})[sample.labels["status"]] = sample.value
        assert states.keys() == {each.code for each in sick().checks}
        for each in sick().checks:
            assert states[each.code] == {status.value: float(status is each.status) for status in Status}

    def test_the_numbers_are_there(self):
        families = self.families(sick())
        findings = {sample.labels["severity"]: sample.value for sample in families["cnictl_doctor_findings"].samples}
        assert findings == {"error": 3, "warning": 38, "note": 1}
        assert families["cnictl_doctor_causes"].samples[0].value == 2
        assert families["cnictl_doctor_duration_seconds"].samples[0].value == 0.42
        last = families["cnictl_doctor_last_run_timestamp_seconds"].samples[0]
        assert last.value == pytest.approx(BEGAN + 0.42, abs=0.001)
        assert families["cnictl_build_info"].samples[0].labels["version"]

    def test_nothing_has_a_timestamp_or_a_text_of_the_node(self):
        text = rendered("prometheus", sick())
        samples = [sample for family in self.families(sick()).values() for sample in family.samples]
        assert all(sample.timestamp is None for sample in samples)
        assert "script" not in text
        assert "/opt" not in text
        assert text.endswith("\n")

    def test_what_is_said_of_a_metric_is_said_once_and_before_its_samples(self):
        lines = rendered("prometheus", sick()).splitlines()
        names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
        assert names == [line.split()[2] for line in lines if line.startswith("# HELP")]
        assert len(set(names)) == len(names)
        owners = [line.split("{")[0].split()[0] for line in lines if not line.startswith("#")]
        assert list(dict.fromkeys(owners)) == names
        series = [line.rsplit(" ", 1)[0] for line in lines if not line.startswith("#")]
        assert len(set(series)) == len(series)

    def test_labels_are_escaped(self):
        odd = check("CNI801", 'a"b\\c\nd', Status.OK, "")
        (family,) = [
            family
            for family in text_string_to_metric_families(rendered("prometheus", replace(well(), checks=[odd])))
            if family.name == "cnictl_doctor_check_status"
        ]
        assert family.samples[0].labels["category"] == 'a"b\\c\nd'


class TestNodeProblemDetector:
    @given(st.text(max_size=200), st.integers(0, 120))
    def test_it_is_one_line_of_at_most_80_bytes(self, message, more):
        failed = tuple(
            check(f"CNI8{n}", "a", Status.FAIL, message, finding("CNI804", message)) for n in range(more + 1)
        )
        text = rendered("npd", replace(sick(), checks=failed, causes=(Cause("CNI804", message, ""),)))
        assert len(text.encode()) <= 81
        assert text.endswith("\n")
        assert text.count("\n") == 1
        assert text.startswith("CNI804 ")
        assert text.endswith(f"(+{more} more)\n") == bool(more)

    def test_a_check_that_broke_is_unknown(self):
        broken = check("CNI840", "runtime", Status.ERROR, "it did not end in time")
        text = rendered("npd", replace(well(), checks=(*well().checks, broken)))
        assert text == "unknown: CNI840 it did not end in time\n"

    def test_warnings_are_no_problem_and_are_told(self):
        warned = check("CNI807", "versions", Status.WARN, "old", finding("CNI807", "it is old"))
        assert rendered("npd", replace(well(), checks=[warned])) == "OK: 1 check, 1 with a warning, 0 skipped\n"


class Reader(HTMLParser):
    """Collects what a browser would see, and fails where tags do not match."""

    VOID = frozenset({"meta"})

    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data


class TestHTML:
    def read(self, text):
        reader = Reader()
        reader.feed(text)
        reader.close()
        assert reader.open == []
        return reader

    def test_nothing_of_the_node_becomes_markup(self):
        reader = self.read(rendered("html", sick()))
        assert "script" not in reader.tags
        assert reader.attributes <= {"lang", "charset", "name", "content", "http-equiv", "class", "open"}
        assert "<script>alert(1)</script>&\"'" in reader.text

    def test_nothing_is_fetched(self):
        text = rendered("html", sick())
        assert not re.search(r"https?://|url\(|@import|src=|href=|//[a-z]", text)
        assert "default-src 'none'" in text

    def test_everything_is_in_it(self):
        text = self.read(rendered("html", sick())).text
        for each in sick().checks:
            assert f"{each.code} {each.name}" in text
        assert text.count("is leased to a container that is gone") == 38
        assert text.count("nft is not installed") == 6
        assert "because of CNI804" in text

    def test_it_fits_a_phone_a_printer_and_the_night(self):
        text = rendered("html", well())
        assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
        assert "@media print" in text
        assert "prefers-color-scheme: dark" in text
        assert "<h1>Everything that could be looked at is well</h1>" in text

    def test_a_hostile_host_name_is_a_text(self):
        text = rendered("html", replace(well(), node={"hostname": HOSTILE, HOSTILE: {HOSTILE: [1]}}))
        assert "script" not in self.read(text).tags
