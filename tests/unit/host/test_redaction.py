"""Secrets are made unreadable, and everything else stays where it is."""

from __future__ import annotations

import base64
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.host.redaction import redact, redact_bytes, redact_text

SECRET = "s3cr3t-Value"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "text",
    [
        f"    token: {SECRET}",
        f'{{"token": "{SECRET}"}}',
        f"password={SECRET}",
        f"password = '{SECRET}'",
        f'k8s_auth_token: "{SECRET}"',
        f"client-key-data: {SECRET}",
        f"client-certificate-data: {SECRET}",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
        f"etcd: https://root:{SECRET}@10.0.0.1:2379",
        f'[plugins."cri".registry.configs."r.example".auth]\n  password = "{SECRET}"\n',
        f'{{"config": "{{\\"registry\\": {{\\"auth\\": \\"{SECRET}\\"}}}}"}}',
        f"--api-key={SECRET}",
        f"AWS_SECRET_ACCESS_KEY={SECRET}",
        f'password = """{SECRET}"""',
        f"password = '''\n{SECRET}\n'''",
        f'password = "a\'{SECRET}"',
        f'password = "a\\"{SECRET}"',
        f"password: 'it''s {SECRET}'",
        f"password: my {SECRET}",
        f"password: |\n  {SECRET}\n",
        f"DB_PASS=a,b;c{{{SECRET}",
        f'Environment="API_TOKEN=two {SECRET}"',
        f"--bootstrap-token {SECRET}",
        f"kubelet\0--token\0{SECRET}\0",
        f'Authorization = ["Basic {SECRET}"]',
        f'args: ["--token", "{SECRET}"]',
        f"- name: AWS_SECRET_ACCESS_KEY\n  value: {SECRET}\n",
        f"user:\n  token:\n    {SECRET}\n",
        f'{{"password": ["{SECRET}", "{SECRET}"], "a": 1}}',
        f'X-Api-Key = ["{SECRET}"]',
        f"https://{SECRET}@git.example/x",
        f"http://user:p@{SECRET}@proxy.example:3128/",
    ],
)
def test_secrets_are_gone_and_nothing_moves(text):
    kept = redact_text(text)
    assert SECRET not in kept
    assert len(kept) == len(text)
    assert kept.count("\n") == text.count("\n")
    assert redact_text(kept) == kept


def test_a_token_is_gone_wherever_it_stands():
    assert JWT not in redact_text(f"Authorization: Bearer {JWT} and so on")


@pytest.mark.parametrize(
    "text",
    [
        '{"cniVersion": "1.0.0", "name": "pods", "plugins": [{"type": "bridge"}]}',
        "net.ipv4.ip_forward = 1",
        "--tokenless",
        "token: /var/run/secrets/kubernetes.io/serviceaccount/token",
        "authentication:\n  anonymous:\n    enabled: false",
        "use_auth = true",
        "password: ${PASSWORD}",
        "http://10.0.0.1:2379/x@y",
        "token: false  # not for this one",
        "user:\n  token: ''\nname: x",
        "--authorization-mode=Webhook",
    ],
)
def test_what_is_no_secret_stays(text):
    assert redact_text(text) == text


def test_values_within_values_and_bytes_that_are_no_text():
    value = {"a": [{"b": f"token: {SECRET}"}, 7, None], "c": True}
    assert redact(value) == {"a": [{"b": "token: " + "x" * len(SECRET)}, 7, None], "c": True}
    assert redact_bytes(b"\xff\xfe token=abcdef \x00") == b"\xff\xfe token=xxxxxx \x00"


def test_the_name_of_a_value_says_whether_it_is_secret():
    hidden = "x" * len(SECRET)
    assert redact({"password": SECRET, "user": "bob"}) == {"password": hidden, "user": "bob"}
    assert redact([1, ["kubelet", "--token", SECRET, "-v", "2"]]) == [1, ["kubelet", "--token", hidden, "-v", "2"]]
    assert redact(["--token", "--password=abc"]) == ["--token", "--password=xxx"]


def test_secrets_inside_of_base64_are_gone_too():
    config = json.dumps({"name": "pods", "plugins": [{"type": "calico", "etcd_password": SECRET}]})
    kept = json.loads(redact_text(json.dumps({"config": base64.b64encode(config.encode()).decode()})))
    assert base64.b64decode(kept["config"]).decode() == config.replace(SECRET, "x" * len(SECRET))


def test_letters_of_several_bytes_keep_their_length():
    assert redact_bytes('password="é\u0160" next'.encode()) == b'password="xxxx" next'


@pytest.mark.parametrize(
    "word", ["a", "a.", "token", "token=", "'token=", "-eyJ", "://a:", "--a-", "token: |\n a\n", "\\"]
)
def test_the_time_grows_with_the_length_alone(word):
    began = time.process_time()
    redact_text(word * (200_000 // len(word)))
    assert time.process_time() - began < 5


@given(st.binary())
def test_any_bytes_keep_their_length(data):
    assert len(redact_bytes(data)) == len(data)
