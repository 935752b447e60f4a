"""Write the trained listener as ONNX: ``python -m training.listener.export OUT/listener.pt FILE``.

The matrices are kept in eight bits and widened when the file is opened; memory goes in and out.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from training.listener.model import MEMORY, WIDTH, Listener
from visavis.performance.listener.classes import CHANNEL_NAMES, PHONES
from visavis.performance.listener.features import BANDS, STACK


def export(weights: Path, target: Path) -> None:
    """Write `target` from the state dictionary in `weights`."""
    net = Listener(len(PHONES), len(CHANNEL_NAMES))
    net.load_state_dict(torch.load(weights, map_location="cpu"))
    net.eval()
    example = (torch.zeros(1, 7, BANDS * STACK), torch.zeros(1, MEMORY, WIDTH))
    torch.onnx.export(
        net,
        example,
        str(target),
        input_names=["features", "state"],
        output_names=["phones", "articulators", "prompt", "state_after"],
        dynamic_axes={
            name: {1: "steps"} for name in ("features", "phones", "articulators", "prompt")
        },
        opset_version=17,
        dynamo=False,
    )
    _shrink(target)


def _shrink(path: Path) -> None:
    """Keep matrices as int8 with a scale per output, multiplied out when the file is opened."""
    model = onnx.load(path)
    graph = model.graph
    widened = []
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.ndim != 2:
            continue
        scale = np.abs(values).max(axis=0, keepdims=True) / 127 + 1e-12
        parts = {"_small": np.round(values / scale).astype(np.int8), "_scale": scale}
        graph.initializer.remove(tensor)
        graph.initializer.extend(
            numpy_helper.from_array(part, tensor.name + end) for end, part in parts.items()
        )
        small, wide, factor = (tensor.name + end for end in ("_small", "_wide", "_scale"))
        widened += [
            helper.make_node("Cast", [small], [wide], to=onnx.TensorProto.FLOAT),
            helper.make_node("Mul", [wide, factor], [tensor.name]),
        ]
    nodes = widened + list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main() -> None:
    """Export from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    export(options.weights, options.target)


if __name__ == "__main__":
    main()
