"""These faults would fail or do harm in the cloud. The tests put them into the plan one at a time."""

TRUST = "principal: {service: [scf.qcloud.com]}"
LAYER = "        - {LayerName: '${Name}', LayerVersion: '${layer.LayerVersion}'}\n"
HEAD = "                - name/cos:HeadObject\n"
DEAD = "      DeadLetterConfig: {Type: CMQ-QUEUE, Name: '${DeadLetterQueue}'}\n"
INDEX = "          - {Key: IMAGELABELS_INDEX, Value: '${Index}'}\n"

FAULTS: dict[str, tuple[str, str, str, str]] = {
    "timer's function with other settings": (
        "- {Key: IMAGELABELS_RATE, Value: '${Rate}'}\n",
        "- {Key: IMAGELABELS_RATE, Value: '7'}\n",
        "timer-settings",
        "These settings differ: IMAGELABELS_RATE.",
    ),
    "detector of another cloud": (
        "IMAGELABELS_DETECTOR, Value: '${Detector}'}",
        "IMAGELABELS_DETECTOR, Value: imm}",
        "detector-of-another-store",
        "The detector imm reads oss:// only, and the function's pictures are in cos://.",
    ),
    "embedded detector without a model": (
        "- {Key: IMAGELABELS_MODEL, Value: /opt/models/efficientnet-lite0-int8.onnx}\n",
        "- {Key: IMAGELABELS_DETECTOR, Value: embedded}\n",
        "model-unset",
        "IMAGELABELS_MODEL: It is missing or empty",
    ),
    "album function that may change pictures": (
        "action: [name/cos:GetObject]\n",
        "action: [name/cos:GetObject, name/cos:PutObjectTagging]\n",
        "permission-unused",
        "Nothing calls name/cos:PutObjectTagging on",
    ),
    "album function that takes corrections and may write no tags": (
        "                - name/cos:GetObjectTagging\n                - name/cos:PutObjectTagging\n"
        "              resource: ['qcs::cos:${Region}:uid/${AppId}:${Bucket}/${Prefix}*']\n    look:",
        "                - name/cos:GetObjectTagging\n"
        "              resource: ['qcs::cos:${Region}:uid/${AppId}:${Bucket}/${Prefix}*']\n    look:",
        "permission-missing",
        "Nothing allows name/cos:PutObjectTagging on",
    ),
    "album function that takes no corrections and may write tags": (
        "Key: IMAGELABELS_CORRECTIONS, Value: '${AlbumCorrections}'",
        "Key: IMAGELABELS_CORRECTIONS, Value: 'off'",
        "permission-unused",
        "Nothing calls name/cos:PutObjectTagging on",
    ),
    "album function that chooses other tags in corrections": (
        "Key: IMAGELABELS_CORRECTIONS, Value: '${AlbumCorrections}'}\n",
        "Key: IMAGELABELS_CORRECTIONS, Value: '${AlbumCorrections}'}\n"
        "          - {Key: IMAGELABELS_TAG_LIMIT, Value: '3'}\n",
        "album-settings",
        "These settings differ: IMAGELABELS_TAG_LIMIT",
    ),
    "album function with the permissions of the one that labels": (
        "PolicyId: '${album_policy.PolicyId}', AttachRoleName",
        "PolicyId: '${policy.PolicyId}', AttachRoleName",
        "permission-unused",
        "Nothing calls name/cos:GetObjectTagging on",
    ),
    "album function that may read no picture": (
        "action: [name/cos:GetObject]\n",
        "action: [name/cos:HeadBucket]\n",
        "permission-missing",
        "Nothing allows name/cos:GetObject on",
    ),
    "unknown call": (
        "call: cam CreateRole\n",
        "call: cam CreateRoles\n",
        "call-unknown",
        "cam has no call CreateRoles.",
    ),
    "unknown service": (
        "call: scf CreateFunction\n",
        "call: scv CreateFunction\n",
        "call-unknown",
        "There is no service scv.",
    ),
    "unknown parameter": (
        "      MemorySize: ${Memory}\n",
        "      MemorySise: ${Memory}\n",
        "field-unknown",
        "There is no such parameter.",
    ),
    "unknown parameter inside another": (
        "{RetryNum: ",
        "{RetryCount: ",
        "field-unknown",
        "There is no such parameter.",
    ),
    "missing parameter": (
        "      TriggerName: ${Bucket}.cos.${Region}.myqcloud.com\n",
        "",
        "field-missing",
        "TriggerName is missing.",
    ),
    "missing parameter inside another": (
        "{Type: CMQ-QUEUE, Name: ",
        "{FilterType: x, Name: ",
        "field-missing",
        "Type is missing.",
    ),
    "wrong type": (
        "MemorySize: ${Memory}\n",
        "MemorySize: big\n",
        "field-value",
        "It must be a whole number, and it is 'big'.",
    ),
    "text where a list belongs": (
        "      CompatibleRuntimes: [Python3.10]",
        "      CompatibleRuntimes: Python3.10",
        "field-value",
        "It must be a list.",
    ),
    "figure out of range": ("    default: 512\n", "    default: 4096\n", "field-value", "4096 is out of range."),
    "memory between the steps": (
        "    default: 512\n",
        "    default: 500\n",
        "field-value",
        "500 is no multiple of 128.",
    ),
    "value outside the enumeration": ("Enable: OPEN", "Enable: OPENED", "field-value", "'OPENED' is not allowed."),
    "name too long": (
        "FunctionName: ${Name}\n      Description",
        f"FunctionName: {'a' * 61}\n      Description",
        "field-value",
        "It has 61 characters.",
    ),
    "runtime that SCF lacks": (
        "Runtime: Python3.10\n",
        "Runtime: Python3.12\n",
        "runtime-unsupported",
        "'Python3.12' is not allowed.",
    ),
    "runtime older than our code": (
        "Runtime: Python3.10\n",
        "Runtime: Python3.9\n",
        "runtime-unsupported",
        "Python3.9 is not Python3.10, the newest Python that SCF has.",
    ),
    "layer for another runtime": (
        "[Python3.10]",
        "[Python3.12]",
        "layer-runtime",
        "SCF runs our packages on Python3.10, and not on Python3.12.",
    ),
    "wildcard event": (
        "- cos:ObjectCreated:Put\n",
        "- cos:ObjectCreated:*\n",
        "event-wildcard",
        "cos:ObjectCreated:* is a wildcard.",
    ),
    "event that does not exist": (
        "cos:ObjectRemove:Delete\n",
        "cos:ObjectRemoved:Delete\n",
        "event-unknown",
        "cos:ObjectRemoved:Delete is no event that changes content.",
    ),
    "event that is left out": (
        "        - cos:ObjectRemove:DeleteMarkerCreated\n",
        "",
        "event-missing",
        "No trigger brings cos:ObjectRemove:DeleteMarkerCreated.",
    ),
    "time-out below the leases": (
        "    default: 90\n",
        "    default: 74\n",
        "timeout-below-lease",
        "74 s is less than twice a key's lease plus the detector's timeout.",
    ),
    "setting that does not exist": (
        "IMAGELABELS_DETECTOR",
        "IMAGELABELS_DETECTER",
        "setting-unknown",
        "IMAGELABELS_DETECTER is not a setting.",
    ),
    "setting with a wrong value": (
        "Value: '${Detector}'",
        "Value: imn",
        "setting-value",
        "The function would refuse its settings: IMAGELABELS_DETECTOR: imn is",
    ),
    "environment name of SCF": (
        "Key: FC_REGION",
        "Key: SCF_REGION",
        "setting-reserved",
        "SCF_REGION begins as the names do that SCF keeps for itself.",
    ),
    "no index": (INDEX, "", "index-unset", "IMAGELABELS_INDEX is not tablestore://INSTANCE."),
    "no key for the index": (
        "Value: '${IndexKeyId}'",
        "Value: ''",
        "index-out-of-reach",
        "ALIBABA_CLOUD_ACCESS_KEY_ID is missing, and an index in Tablestore",
    ),
    "six layers": (LAYER, LAYER * 6, "too-many-layers", "It has 6 layers, and a function has at most 5."),
    "missing permission": (HEAD, "", "permission-missing", "Nothing allows name/cos:HeadObject on"),
    "permission elsewhere": (
        ":${Bucket}/${Prefix}*",
        ":other-1/${Prefix}*",
        "permission-missing",
        "Nothing allows name/cos:GetObject, name/cos:GetObjectTagging,",
    ),
    "permission for the detector": (
        "[ci:CreateDetectLabelJob]",
        "[ci:DetectLabel]",
        "permission-missing",
        "Nothing allows ci:CreateDetectLabelJob on",
    ),
    "wildcard permission": (
        HEAD,
        HEAD + "                - name/cos:*\n",
        "permission-too-wide",
        "name/cos:* allows more than is called.",
    ),
    "permission that nothing needs": (
        HEAD,
        HEAD + "                - name/cos:DeleteObject\n",
        "permission-unused",
        "Nothing calls name/cos:DeleteObject on",
    ),
    "role that SCF may not use": (
        TRUST,
        "principal: {service: [cos.qcloud.com]}",
        "role-not-trusted",
        "It does not trust scf.qcloud.com, which uses the role.",
    ),
    "role of nobody": (
        "      Role: ${Name}-function\n",
        "      Role: other\n",
        "role-missing",
        "No step makes this role.",
    ),
    "no dead-letter queue": (
        DEAD,
        "",
        "failures-lost",
        "DeadLetterConfig is missing, so events whose last delivery failed",
    ),
    "no second delivery": ("    default: 2\n", "    default: 0\n", "retries", "0 further deliveries are out of range."),
    "event kept too short": (
        "    default: 21600\n",
        "    default: 300\n",
        "event-age",
        "300 s is out of range: 3 deliveries a minute apart need 390 s, and",
    ),
    "event kept too long": (
        "    default: 21600\n",
        "    default: 86400\n",
        "event-age",
        "86400 s is out of range: 3 deliveries a minute apart need 390 s, and",
    ),
    "no archive": (
        "        ZipFile: {base64: '${Code}'}\n",
        "",
        "archive",
        "It has neither ZipFile nor a bucket and a key.",
    ),
    "reference to nothing": (
        "'${layer.LayerVersion}'",
        "'${layer.Version}'",
        "name-unknown",
        "Nothing is called ${layer.Version} here.",
    ),
    "parameter that does not exist": (
        "MsgTTL: ${Keep}",
        "MsgTTL: ${Keeps}",
        "name-unknown",
        "Nothing is called ${Keeps} here.",
    ),
    "step before what it needs": (
        "    of: role\n",
        "    of: rolle\n",
        "step-order",
        "No step before this one is called rolle.",
    ),
    "thing without a mark": (
        "Description: ${mark}\n      PolicyDocument",
        "PolicyDocument",
        "step-unmarked",
        "Its Description is not ${mark}, by which --undo knows what the plan",
    ),
    "answer without the member": ("in: RoleInfo", "in: Role", "look-unknown", "The answer of cam GetRole has no Role."),
    "condition on no member": (
        "ready: {Status: Active}",
        "ready: {State: Active}",
        "look-unknown",
        "The answer of scf ListLayerVersions has no State.",
    ),
    "comparison of no parameter": (
        "same: [Runtime,",
        "same: [CodeSize,",
        "look-unknown",
        "scf CreateFunction takes no CodeSize.",
    ),
}
UNREADABLE: dict[str, tuple[str, str, str]] = {
    "unknown member of a step": (
        "    of: role\n",
        "    off: role\n",
        "line [0-9]+: unknown member off: did you mean of",
    ),
    "member twice": ("    of: role\n", "    of: role\n    of: role\n", "of appears twice"),
    "no YAML": ("steps:\n", "steps: [\n", "not YAML"),
    "call without a service": ("call: cam CreateRole\n", "call: CreateRole\n", "must name a service and an action"),
    "unknown change": ("change: keep", "change: forget", "change must be calls or one of again"),
    "step without a look": ("    look:\n      call: cam GetRole\n", "    lock:\n      call: cam GetRole\n", "lock"),
}
