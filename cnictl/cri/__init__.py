"""A container runtime, asked over its Unix socket: Kubernetes' CRI, and CRI-O's own questions beside it."""
