from __future__ import annotations

import re

import pytest

from cnictl.report.explanation import Explanation, read_explanation
from cnictl.report.finding import Severity

DOCSTRING = """A comma stands before
    a closing bracket.

    More about
    it.

    And more.

    Why:
        Runtimes refuse
        the file.
    Bad: 10-net.conflist
        {
          "Fix:": [1,]
        }
    Good:
        {}
    Fix:
        Remove
        it.
    Reference:
        RFC 8259, section 5 "Arrays"
    """


def read(docstring: str | None) -> Explanation:
    return read_explanation("CNI003", "trailing-comma", Severity.ERROR, docstring)


def test_a_docstring_is_taken_apart():
    assert read(DOCSTRING) == Explanation(
        code="CNI003",
        name="trailing-comma",
        severity=Severity.ERROR,
        summary="A comma stands before a closing bracket.",
        details="More about\nit.\n\nAnd more.",
        why="Runtimes refuse the file.",
        bad='{\n  "Fix:": [1,]\n}',
        bad_file="10-net.conflist",
        good="{}",
        good_file="",
        fix="Remove it.",
        reference='RFC 8259, section 5 "Arrays"',
    )


def test_details_may_be_left_out():
    assert read(DOCSTRING.replace("    More about\n    it.\n\n    And more.\n\n", "")).details == ""


ORDER = "CNI003: the docstring needs the sections Why, Bad, Good, Fix, Reference, in this order"


@pytest.mark.parametrize(
    ("docstring", "message"),
    [
        (None, ORDER),
        ("A comma stands there.", ORDER),
        (DOCSTRING.replace("    Good:\n        {}\n", ""), ORDER),
        (DOCSTRING.replace("Why:", "Wherefore:"), ORDER),
        (DOCSTRING.replace("Why:", "Fix:").replace("Fix:\n        Remove", "Why:\n        Remove"), ORDER),
        (DOCSTRING + "Why:\n        Again.\n", ORDER),
        (DOCSTRING.replace("{}\n", "\n"), "CNI003: the section Good of the docstring is empty"),
        (
            DOCSTRING.replace('RFC 8259, section 5 "Arrays"', ""),
            "CNI003: the section Reference of the docstring is empty",
        ),
    ],
)
def test_a_docstring_that_lacks_something_is_refused(docstring, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        read(docstring)
