"""Write the trained listener as ONNX: ``python -m training.listener.export OUT/listener.pt FILE``.

The weights are kept in half precision and widened when the file is opened; memory goes in and out.
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
    _halve(target)


def _halve(path: Path) -> None:
    """Keep large weights as float16, each followed by a cast that is folded when it is opened."""
    model = onnx.load(path)
    graph = model.graph
    casts = []
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 64:
            continue
        small = numpy_helper.from_array(values.astype(np.float16), tensor.name + "_half")
        graph.initializer.remove(tensor)
        graph.initializer.append(small)
        casts.append(
            helper.make_node("Cast", [small.name], [tensor.name], to=onnx.TensorProto.FLOAT)
        )
    nodes = casts + list(graph.node)
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
