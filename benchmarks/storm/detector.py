"""A slow detector for the emulator, whose label is the name of the picture's content.

It reads one path a line, and answers one JSON line each. It imports the standard library
only, so that it starts quickly.
"""

import json
import random
import sys
import time
from pathlib import Path


def main() -> None:
    chance = random.Random(1)
    for line in sys.stdin:
        path = line.rstrip("\n")
        data = Path(path).read_bytes()
        # The emulator tries the detector with a PNG of its own at first.
        is_ours = data.startswith(b"\xff\xd8") and b"|" in data
        content = data.rpartition(b"|")[2].decode("ascii", "replace") if is_ours else ""
        # One picture in two takes as long as the services take; else few overwrites would happen during a call.
        time.sleep(chance.uniform(0.2, 0.45) if is_ours and chance.random() < 0.5 else 0.01)
        label = {"LabelName": f"pic{content}", "LabelLevel": 1, "LabelConfidence": 0.9, "ParentLabelName": ""}
        answer = {"path": path, "labels": [label | {"Language": "en", "CentricScore": 0.5}]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
