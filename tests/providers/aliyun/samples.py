"""The answer of image/labels that the vendor's pages show."""

import json

VENDORS_HEADERS = {
    "Content-Type": "application/json;charset=utf-8",
    "x-oss-ec": "0048-00000104",
    "x-oss-hash-crc64ecma": "13420962247653419692",
    "Content-Disposition": "attachment",
    "x-oss-force-download": "true",
}
# The sample of the vendor's page, in full.
VENDORS_ANSWER = json.dumps(
    {
        "RequestId": "91C92EBA-5E51-50C8-B51B-8C3BDC66EB86",
        "Labels": [
            {
                "CentricScore": centric,
                "Language": "zh-Hans",
                "LabelConfidence": confidence,
                "LabelName": name,
                "LabelLevel": level,
                "ParentLabelName": parent,
            }
            for name, level, parent, confidence, centric in (
                ("Clothing", 2, "Clothes", 1, 0.797),
                ("Carnivore", 2, "Wild Animal", 1, 0.695),
                ("Tent", 2, "Other Scenes", 0.987, 0.723),
                ("Pet", 1, "", 0.949, 0.695),
                ("Dog", 3, "Pet Dog", 0.939, 0.695),
                ("Person", 2, "Face", 0.924, 0.803),
                ("Camping", 2, "Entertainment", 0.885, 0.689),
            )
        ],
    },
    indent=2,
)
