from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.text.template import fill, is_template


@pytest.mark.parametrize(
    "text",
    [
        '{"mtu": {{ .Values.mtu }}}',
        '{"mtu": {{- .Values.mtu -}}}',
        '{"mtu": {{\n  .Values.mtu\n}}}',
        '{"name": "{% if a %}x{% endif %}"}',
        '{"name": "${NAME}"}',
        '{"name": "${NAME:-pods}"}',
        '{"name": "$NAME"}',
        '{"mtu": __CNI_MTU__}',
        '{"subnet": "__POD_CIDR__"}',
        '{"mtu": %d}',
        '{"a": [%s]}',
        '{"mtu": @MTU@}',
        '{"subnet": "@subnet"}',
        '{"subnet": "%s"}',
        '{"subnet": "POD_CIDR"}',
        '{"gateway": "GATEWAY"}',
    ],
)
def test_a_template(text):
    assert is_template(text)
    filled = fill(text)
    assert len(filled.text) == len(text)
    assert filled.places
    assert json.loads(filled.text)


@pytest.mark.parametrize(
    "text",
    [
        '{"plugins": [{"type": "bridge"}]}',
        '{"a": {"b": {"c": {}}}}',
        '{"name": "a $ sign, 5% off, me@home, __init__ and {braces}"}',
        '{"name": "100%d"}',
        '{"type": "host-local", "dst": "0.0.0.0/0"}',
        '{"Subnet": "10.1.0.0/24"}',
        '{"a": "{{"}',
        '{"a": "${"}',
        "",
    ],
)
def test_no_template(text):
    assert not is_template(text)
    assert fill(text) == (text, (), True, False)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ('{"a": {{ b }}, "c": 1}', '{"a": "xxxxx", "c": 1}'),
        ('{"a": @B@, "c": "@D@"}', '{"a": "x", "c": "@D@"}'),
        ('{"a": "10.{{ b }}.0"}', '{"a": "10.xxxxxxx.0"}'),
        ('{"a": "{{ b "c" }}"}', '{"a": "xxxxxxxxxxx"}'),
        ('{"a": "\\"{{b}}"}', '{"a": "\\"xxxxx"}'),
        ('{"a": $b}', '{"a": ""}'),
        ('{"a": 1{{ b }}}', '{"a": 1       }'),
        ('{"a": {{ b }}{{ c }}}', '{"a": "xxxxx"       }'),
        ('{{{ a }}"b": 1}', '{       "b": 1}'),
        ("[{{ a }}, 1]", '["xxxxx", 1]'),
        ("[{{ a }} {}]", '["xxxx", {}]'),
        ('[{{ include "a" . }}\n {}]', '["xxxxxxxxxxxxxxxx",\n {}]'),
        ("[1, {{ a }}]", '[1, "xxxxx"]'),
        ("[1 {{ a }}]", "[1        ]"),
        ('{"a": 1, {{ if b }}"c": 2{{ else }}"c": 3{{ end }}}', '{"a": 1,           "c": 2                         }'),
        ('{"a": {{ if b }}{{ c }}{{ else }}2{{ end }}}', '{"a":           "xxxxx"                    }'),
        ("[{{if a}}1{{else if b}}2{{else}}3{{end}}]", "[        1" + " " * 30 + "]"),
        ("[{% if a %}1{% elif b %}2{% else %}3{% endif %}]", "[          1" + " " * 35 + "]"),
        ("[{{if a}}{{if b}}1{{else}}2{{end}}{{else}}3{{end}}]", "[" + " " * 16 + "1" + " " * 32 + "]"),
        ('["{{ if a }}x{{ else }}y{{ end }}"]', '["' + "x" * 21 + "y" + "x" * 9 + '"]'),
        ("[1{{ else }}]", "[1          ]"),
        ('[{"a": %s}, %d]', '[{"a": ""}, ""]'),
        ("{{/* a\nb */}}[]", "      \n      []"),
    ],
)
def test_what_stands_for_a_placeholder(text, filled):
    assert fill(text).text == filled


def test_the_places_are_those_of_the_placeholders():
    text = '{"a": {{ b }}, "c": "$d", "e": "SUBNET"}'
    assert [text[slice(*place)] for place in fill(text).places] == ["{{ b }}", '"SUBNET"']


@given(
    st.lists(
        st.sampled_from(
            [
                *("{{ if a }}", "{{ else }}", "{{ end }}", "{{ x }}", "${a}", "$b", "__C__", "{%", "%}", "{{", "}}"),
                *('"', "\\", "[", "]", "{", "}", ",", ":", " ", "\n", "%s", "@x", '"SUBNET"', "é", "1"),
            ]
        ),
        max_size=30,
    ).map("".join)
)
def test_any_text_keeps_its_length_and_its_lines(text):
    filled = fill(text)
    assert len(filled.text) == len(text)
    ends = [place.end for place in filled.places]
    assert ends == sorted(ends)
    outside = list(text)
    for start, end in filled.places:
        assert start < end
        outside[start:end] = filled.text[start:end]
    assert "".join(outside) == filled.text


@pytest.mark.parametrize(
    "piece", ["{{", "{%", "${", "__A", "@a", ': "CIDR', "{{a}}", "{{if a}}{{else}}", "{{ else }}", '"', "[{{a}}"]
)
def test_no_text_takes_long(piece):
    text = piece * (200_000 // len(piece))
    start = time.process_time()
    is_template(text)
    fill(text)
    assert time.process_time() - start < 2
