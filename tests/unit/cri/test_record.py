"""Answers that were saved are read again, and what is none is refused with its place."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.cri.answers import SandboxStatus, Status, Version

STATUS = {"conditions": [{"type": "NetworkReady", "status": True}], "info": {"a": [1, {"b": None}]}}
SANDBOX = {"id": "a", "name": "", "namespace": "", "uid": "", "state": "ready", "created_at": 1}


def test_what_is_not_there_has_its_default_and_what_is_not_known_is_passed_over():
    status = Status.from_dict(STATUS | {"from the future": 1})
    assert status.as_dict() == {
        "conditions": [{"type": "NetworkReady", "status": True, "reason": "", "message": ""}],
        "info": {"a": [1, {"b": None}]},
        "runtime_handlers": [],
    }
    assert SandboxStatus.from_dict(SANDBOX).port_mappings is None
    assert SandboxStatus.from_dict(SANDBOX | {"port_mappings": []}).port_mappings == ()


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        (Status, None, "Status must be an object"),
        (Status, [], "Status must be an object"),
        (Status, {}, "Status.conditions is missing"),
        (Status, {"conditions": {}}, "Status.conditions must be an array"),
        (Status, {"conditions": [{}]}, "Status.conditions[0].type is missing"),
        (Status, {"conditions": [{"type": 1}]}, "Status.conditions[0].type must be a string"),
        (Status, {"conditions": [{"type": "", "status": 1}]}, "Status.conditions[0].status must be true or false"),
        (Status, {"conditions": [], "info": []}, "Status.info must be an object"),
        (Version, {"service": None}, "Version.service must be a string"),
        (SandboxStatus, SANDBOX | {"created_at": True}, "SandboxStatus.created_at must be an integer"),
        (SandboxStatus, SANDBOX | {"annotations": {"a": 1}}, "SandboxStatus.annotations['a'] must be a string"),
        (SandboxStatus, SANDBOX | {"netns": 1}, "SandboxStatus.netns must be a string"),
    ],
)
def test_what_is_no_answer_is_refused_with_its_place(kind, data, reason):
    with pytest.raises(ValueError, match=re.escape(reason) + "$"):
        kind.from_dict(data)


_any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
_good = {"conditions": STATUS["conditions"], "info": {}, "runtime_handlers": ["a"]}


@given(key=st.sampled_from(sorted(_good)), value=_any)
def test_any_value_at_any_place_is_read_or_refused(key, value):
    try:
        status = Status.from_dict(_good | {key: value})
    except ValueError as error:
        wrong = str(error)
    else:
        wrong = ""
        assert Status.from_dict(json.loads(json.dumps(status.as_dict()))) == status
    assert not wrong or wrong.startswith(f"Status.{key}")
