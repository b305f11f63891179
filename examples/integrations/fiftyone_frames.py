"""Frames and verdicts in FiftyOne: look at a data set, sort by probability, filter by kind.

pip install fiftyone .             # in a clone
python examples/integrations/fiftyone_frames.py photos/
"""

from __future__ import annotations

import sys
from typing import Any

import fiftyone as fo

import unframe
from unframe.types import Detection


def labels(found: Detection) -> dict[str, Any]:
    """What was found in a picture as FiftyOne's labels; boxes are shares of the picture: left, top, width, height."""
    verdict = fo.Classification(label=found.verdict, confidence=found.probability)
    if found.frame is None:
        return {"frame": verdict}
    box = found.frame.inner
    shares = [
        box.left / found.width,
        box.top / found.height,
        box.width / found.width,
        box.height / found.height,
    ]
    return {"frame": verdict, "photograph": fo.Detection(label=found.frame.kind, bounding_box=shares)}


def annotate(dataset: Any) -> None:
    """Judge every picture of a FiftyOne data set, and keep what was found in it."""
    detector = unframe.Detector.load()
    for sample in dataset.iter_samples(autosave=True, progress=True):
        for field, label in labels(detector.detect(sample.filepath)).items():
            sample[field] = label


def main(folder: str) -> None:
    """Annotate a folder and open the app at its framed pictures."""
    dataset = fo.Dataset.from_images_dir(folder)
    annotate(dataset)
    framed = dataset.match(fo.ViewField("frame.label") == "framed").sort_by("frame.confidence", reverse=True)
    fo.launch_app(framed).wait()


if __name__ == "__main__":
    main(sys.argv[1])
