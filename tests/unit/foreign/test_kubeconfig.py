"""Kubeconfigs and certificates, and when they end."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnictl.foreign.kubeconfig import Credential, date_of, read_kubeconfig
from cnictl.foreign.web_token import only_expiry, token_expiry
from cnictl.foreign.x509 import expiry_of
from cnictl.text.source import Source

# A certificate that was made for this test: valid until 2051-07-22 00:25:13 UTC.
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBdDCCARugAwIBAgIUPE3V2oP9yF0CZnVUvba1huKxs/0wCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMzAwMDI1MTNaGA8yMDUxMDcyMjAwMjUx
M1owDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABM4R
dB7JxT6fNLVaqZkQEHyuKgZif2P8lLW2HuMnR0jpbaKBJHM6qj1vkNaGr2Hcf9Z3
1B0f3dPIWgxlktBwXoqjUzBRMB0GA1UdDgQWBBSbBRmd00/Fv6ib5z1FE4xQoUj+
STAfBgNVHSMEGDAWgBSbBRmd00/Fv6ib5z1FE4xQoUj+STAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0cAMEQCIDBw3kfID2Hp5DJhgJxiUSprJxfOCaIaRXXp
J2fZWKV+AiAJLUR5NHaTOQ5XOCMmmMSbV4Xvud0f3Ld9nDzIgajo2w==
-----END CERTIFICATE-----
"""
END = 2573598313.0

# The same with a year of two digits: valid until 2035-02-16 00:26:18 UTC.
SHORT = """-----BEGIN CERTIFICATE-----
MIIBcjCCARmgAwIBAgIUawDfom/er0FP1N7rlLCVu1UxMUkwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAeFw0yNjExMzAwMDI2MThaFw0zNTAyMTYwMDI2MTha
MA8xDTALBgNVBAMMBHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASrmhIw
xFJ2xDTetLqhIBGuyaXfz8+3Lx7LGTk3HxuQzy0VvJ9fn6J+2T+NcVu8yP/gZDJd
yZknmRN3bUmLDEuBo1MwUTAdBgNVHQ4EFgQUUcACF5hS55tPCngQM96BLzC74NAw
HwYDVR0jBBgwFoAUUcACF5hS55tPCngQM96BLzC74NAwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNHADBEAiAA99nfgsRTKSY6yHtY41dHA1VvHZRM1DEdCTX1
KbN7ewIgZWYW9hS+DCkLDPTVj84fXhg0+cWw9wz7UXjnszb89Jk=
-----END CERTIFICATE-----
"""
SHORT_END = 2055198378.0


def token(claims: object) -> str:
    """A JSON web token with these claims."""
    parts = [{"alg": "RS256"}, claims]
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*texts, "c2ln"])


def kubeconfig(user: str) -> Source:
    text = f"clusters:\n- name: c\n  cluster: {{server: 'https://10.96.0.1:443'}}\nusers:\n- name: u\n  user: {user}\n"
    return Source("/etc/cni/net.d/x-kubeconfig", text.encode())


@pytest.mark.parametrize(
    ("claims", "expires"),
    [({"exp": 1800000000}, 1.8e9), ({"exp": True}, None), ({"exp": "x"}, None), ({}, None), ([], None)],
)
def test_when_a_token_ends(claims, expires):
    assert token_expiry(token(claims)) == expires


def test_of_a_token_only_its_end_is_kept():
    whole = token({"exp": 1800000000, "sub": "system:serviceaccount:kube-system:calico-node"})
    kept = only_expiry(whole)
    assert kept is not None
    assert len(kept) == len(whole)
    assert token_expiry(kept) == 1.8e9
    assert only_expiry(kept) == kept
    assert set(kept.split(".")[0] + kept.split(".")[2]) == {"x"}
    assert only_expiry(token({"sub": "x"})) is None


@pytest.mark.parametrize("text", ["", "abc", "a.b", "a.b.c", "a.!!.c", "eyJh.eyJh.x"])
def test_what_is_no_token_does_not_say(text):
    assert token_expiry(text) is None


def test_a_token():
    found = read_kubeconfig(kubeconfig(f"{{token: '{token({'exp': 5})}'}}"))
    assert (found.server, found.credentials, found.trouble) == (
        "https://10.96.0.1:443",
        (Credential("token", 5.0),),
        "",
    )


def test_files():
    found = read_kubeconfig(kubeconfig("{tokenFile: /run/t, client-certificate: /run/c.pem, client-key: /run/k.pem}"))
    assert [(each.kind, each.file) for each in found.credentials] == [
        ("token", "/run/t"),
        ("certificate", "/run/c.pem"),
        ("key", "/run/k.pem"),
    ]


def test_a_certificate():
    data = base64.b64encode(CERTIFICATE.encode()).decode()
    found = read_kubeconfig(kubeconfig(f"{{client-certificate-data: '{data}'}}"))
    assert found.credentials == (Credential("certificate", END),)
    assert expiry_of(SHORT.encode()) == SHORT_END
    assert expiry_of(b"a chain:\n" + CERTIFICATE.encode() * 2) == END


@pytest.mark.parametrize("text", ["", "[1]", "x", "users: 5", "users: [5, {user: 7}]", "clusters: {}", "- a\n- b"])
def test_what_is_no_kubeconfig_has_nothing(text):
    assert read_kubeconfig(Source("k", text.encode())).credentials == ()


def test_what_is_no_yaml():
    assert read_kubeconfig(Source("k", b"{: ][\n")).trouble.startswith("it is no YAML: ")


def test_dates():
    assert date_of(1.8e9) == "2027-01-15 08:00 UTC"
    assert date_of(1e300) == "a time that no calendar has"


@given(st.binary(max_size=300))
def test_any_bytes_are_no_trouble(data):
    read_kubeconfig(Source("k", data))
    expiry_of(data)
    expiry_of(b"-----BEGIN CERTIFICATE-----" + base64.b64encode(data) + b"-----END CERTIFICATE-----")
    token_expiry(data.decode(errors="replace"))
    only_expiry(token(data.decode(errors="replace")))
