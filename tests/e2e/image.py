"""Makes a container image of one program, in the form that `ctr images import` takes (OCI image layout)."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import shutil
import tarfile
from pathlib import Path

NAME = "local.test/pause:1"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def busybox() -> Path:
    """The program of all containers here. It needs no libraries, and does what its name says: ``sleep``."""
    return Path(shutil.which("busybox") or "/bin/busybox")


def write_image(path: Path) -> None:
    """Writes an image that sleeps for an hour.

    Args:
        path: The archive.
    """
    layer = _tar({"sleep": busybox().read_bytes()}, 0o755)
    config = _json(
        {
            "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "config": {"Entrypoint": ["/sleep", "3600"]},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
    )
    manifest = _json({"schemaVersion": 2, "config": _of(_CONFIG, config), "layers": [_of(_LAYER, layer)]})
    named = _of(_MANIFEST, manifest) | {"annotations": {"io.containerd.image.name": NAME}}
    files = {f"blobs/{_digest(data).replace(':', '/')}": data for data in (layer, config, manifest)}
    files["oci-layout"] = _json({"imageLayoutVersion": "1.0.0"})
    files["index.json"] = _json({"schemaVersion": 2, "manifests": [named]})
    path.write_bytes(_tar(files, 0o644))


def _tar(files: dict[str, bytes], mode: int) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), mode
            tar.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


def _of(media_type: str, data: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": _digest(data), "size": len(data)}


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _json(data: object) -> bytes:
    return json.dumps(data).encode()
