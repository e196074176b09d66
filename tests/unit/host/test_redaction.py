"""Secrets are made unreadable, and everything else stays where it is."""

from __future__ import annotations

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
    ],
)
def test_what_is_no_secret_stays(text):
    assert redact_text(text) == text


def test_values_within_values_and_bytes_that_are_no_text():
    value = {"a": [{"b": f"token: {SECRET}"}, 7, None], "c": True}
    assert redact(value) == {"a": [{"b": "token: " + "x" * len(SECRET)}, 7, None], "c": True}
    assert redact_bytes(b"\xff\xfe token=abcdef \x00") == b"\xff\xfe token=xxxxxx \x00"


@given(st.binary())
def test_any_bytes_keep_their_length(data):
    assert len(redact_bytes(data)) == len(data)
