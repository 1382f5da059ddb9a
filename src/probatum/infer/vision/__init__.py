"""Frozen networks for pictures: run by ONNX Runtime, never fitted, each known by the digest of what it is."""
