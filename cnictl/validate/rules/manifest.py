"""CNI023, CNI024, CNI026 and CNI027: the Kubernetes manifests that configs stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnictl.report.finding import Severity
from cnictl.text.node import Label
from cnictl.text.source import Span
from cnictl.validate.registry import Hit, manifest_rule, manual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnictl.validate.manifest import ManifestFile

_WORDS = ("apiVersion", "cniVersion")
"""What stands in manifests and configs; other YAML that is broken is for others to judge."""

_START = Label(Span(0, 0), "")


@manifest_rule("CNI023", "manifest-malformed", Severity.ERROR)
def manifest_malformed(file: ManifestFile) -> Iterator[Hit]:
    r"""The manifest is no YAML.

    Why:
        The API server and `kubectl` refuse it, and whatever network configs are in it reach no node.
    Bad: net.yaml
        apiVersion: k8s.cni.cncf.io/v1
        kind: NetworkAttachmentDefinition
        metadata: {"name": "pods"
        spec: {"config": "{\"cniVersion\": \"1.0.0\", \"type\": \"dummy\", \"ipam\": {\"type\": \"dhcp\"}}"}
    Good: net.yaml
        apiVersion: k8s.cni.cncf.io/v1
        kind: NetworkAttachmentDefinition
        metadata: {"name": "pods"}
        spec: {"config": "{\"cniVersion\": \"1.0.0\", \"type\": \"dummy\", \"ipam\": {\"type\": \"dhcp\"}}"}
    Fix:
        Correct the YAML at the place of the finding.
    Reference:
        YAML 1.2.2, chapter 2 "Language Overview"
    """
    problem = file.manifest.problem
    if problem is not None and (file.named or any(word in file.source.text for word in _WORDS)):
        yield Hit(Label(problem.span, ""), problem.message, manual("correct the YAML"))


@manifest_rule("CNI024", "no-config-inside", Severity.NOTE)
def no_config_inside(file: ManifestFile) -> Iterator[Hit]:
    r"""The file that was named holds no network config.

    Configs are looked for in the "spec.config" of a NetworkAttachmentDefinition, in the values of a ConfigMap, and in
    every other string that looks like one.

    Why:
        Nothing was judged. A pipeline that checks the wrong file is green for ever.
    Bad: net.yaml
        kind: ConfigMap
        data: {"net-conf.json": "{\"Network\": \"10.244.0.0/16\"}"}
    Good: net.yaml
        kind: NetworkAttachmentDefinition
        metadata: {"name": "pods"}
        spec: {"config": "{\"cniVersion\": \"1.0.0\", \"type\": \"bridge\"}"}
    Fix:
        Name the file that holds the config.
    Reference:
        Kubernetes Network Custom Resource Definition De-facto Standard, section 3.4 "spec.config"
    """
    manifest = file.manifest
    nothing = not (manifest.configs or manifest.template or manifest.problem or manifest.no_strings)
    if file.named and nothing:
        yield Hit(_START, "there is no network config in this file", manual("name the file that holds one"))


@manifest_rule("CNI026", "manifest-template", Severity.NOTE)
def manifest_template(file: ManifestFile) -> Iterator[Hit]:
    r"""The file is a template of a manifest, and cannot be read before it is filled in.

    Why:
        What is not YAML yet cannot be judged.
    Bad: net.yaml
        {{- if .Values.enabled }}
        kind: ConfigMap
    Good: net.yaml
        kind: NetworkAttachmentDefinition
        metadata: {"name": "pods"}
        spec: {"config": "{\"cniVersion\": \"1.0.0\", \"type\": \"bridge\"}"}
    Fix:
        Validate what is made of it: `helm template CHART | cnictl validate -`.
    Reference:
        Helm documentation, "helm template"
    """
    if file.manifest.template:
        message = "this is a template, and no YAML before it is filled in"
        yield Hit(_START, message, manual("validate what is made of it: `helm template CHART | cnictl validate -`"))


@manifest_rule("CNI027", "config-no-string", Severity.ERROR)
def config_no_string(file: ManifestFile) -> Iterator[Hit]:
    r"""The config of a NetworkAttachmentDefinition is an object, and not a text.

    Why:
        The API server refuses it: "spec.config: Invalid value: object: must be of type string". Multus reads the config
        as JSON from a string.
    Bad: net.yaml
        apiVersion: k8s.cni.cncf.io/v1
        kind: NetworkAttachmentDefinition
        metadata: {"name": "pods"}
        spec:
          config: {"cniVersion": "1.0.0", "type": "dummy", "ipam": {"type": "dhcp"}}
    Good: net.yaml
        apiVersion: k8s.cni.cncf.io/v1
        kind: NetworkAttachmentDefinition
        metadata: {"name": "pods"}
        spec:
          config: |
            {"cniVersion": "1.0.0", "type": "dummy", "ipam": {"type": "dhcp"}}
    Fix:
        Write "config: |" and the JSON below it, indented.
    Reference:
        Kubernetes Network Custom Resource Definition De-facto Standard, section 3.4 "spec.config"
    """
    for span in file.manifest.no_strings:
        message = '"spec.config" must be a string with JSON in it'
        yield Hit(Label(span, ""), message, manual('write "config: |" and the JSON below it'))
