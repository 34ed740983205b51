"""Opens a model file's network."""

from __future__ import annotations

import onnxruntime


def opened(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # One thread a picture: two pictures at a time on two cores were faster than one picture on both.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
