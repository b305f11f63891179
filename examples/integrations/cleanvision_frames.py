"""Added frames as one more issue that CleanVision looks for.

    pip install cleanvision .          # in a clone
    python examples/integrations/cleanvision_frames.py photos/

CleanVision is under the Apache licence from 0.3.7 on, and was under the AGPL before.
"""

from __future__ import annotations

import sys
from typing import Any

import pandas as pd
from cleanvision import Imagelab
from cleanvision.issue_managers import register_issue_manager
from cleanvision.utils.base_issue_manager import IssueManager

import unframe

ISSUE = "added_frame"


@register_issue_manager(ISSUE)
class AddedFrames(IssueManager):
    """Scores every picture: 1 when it surely carries no frame, 0 when it surely does."""

    issue_name = ISSUE
    visualization = "individual_images"

    def get_default_params(self) -> dict[str, Any]:
        """Verdicts that count as an issue."""
        return {"verdicts": ("framed",)}

    def update_params(self, params: dict[str, Any]) -> None:
        """Take the caller's parameters."""
        self.params = self.get_default_params() | params

    def find_issues(self, *, params: dict[str, Any], dataset: Any, imagelab_info: Any, **_: Any) -> None:
        """Judge every picture; one that cannot be read has no score."""
        self.update_params(params)
        detector = unframe.Detector.load()
        found = [detector.detect(picture) if (picture := dataset[index]) else None for index in dataset.index]
        self.issues = pd.DataFrame(
            {
                f"{ISSUE}_score": [1 - each.probability if each else None for each in found],
                f"is_{ISSUE}_issue": [each is not None and each.verdict in self.params["verdicts"] for each in found],
            },
            index=dataset.index,
        )
        count = int(self.issues[f"is_{ISSUE}_issue"].sum())
        self.summary = pd.DataFrame({"issue_type": [ISSUE], "num_images": [count]})


def main(folder: str) -> Imagelab:
    """Look for added frames in a folder, and list the pictures that carry one."""
    lab = Imagelab(data_path=folder)
    lab.find_issues({ISSUE: {}}, n_jobs=1)
    framed = lab.issues[lab.issues[f"is_{ISSUE}_issue"]].sort_values(f"{ISSUE}_score")
    print(framed.to_string())
    return lab


if __name__ == "__main__":
    main(sys.argv[1])
