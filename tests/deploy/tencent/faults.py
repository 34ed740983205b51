"""These faults would fail or do harm in the cloud. The tests put them into the plan one at a time."""

TRUST = "principal: {service: [scf.qcloud.com]}"
LAYER = "        - {LayerName: '${Name}', LayerVersion: '${layer.LayerVersion}'}\n"
HEAD = "                - name/cos:HeadObject\n"
DEAD = "      DeadLetterConfig: {Type: CMQ-QUEUE, Name: '${DeadLetterQueue}'}\n"
INDEX = "          - {Key: IMAGELABELS_INDEX, Value: '${Index}'}\n"

FAULTS: dict[str, tuple[str, str, str]] = {
    "unknown call": ("call: cam CreateRole\n", "call: cam CreateRoles\n", "step role, .*did you mean CreateRole"),
    "unknown service": (
        "call: scf CreateFunction\n",
        "call: scv CreateFunction\n",
        "step function, .*did you mean scf",
    ),
    "unknown parameter": ("      MemorySize: ${Memory}\n", "      MemorySise: ${Memory}\n", "did you mean MemorySize"),
    "unknown parameter inside another": ("{RetryNum: ", "{RetryCount: ", r"RetryConfig\[0\].RetryCount: unknown"),
    "missing parameter": ("      TriggerName: ${Bucket}.cos.${Region}.myqcloud.com\n", "", "TriggerName is missing"),
    "missing parameter inside another": ("{Type: CMQ-QUEUE, Name: ", "{FilterType: x, Name: ", "Type is missing"),
    "wrong type": ("MemorySize: ${Memory}\n", "MemorySize: big\n", "must be a whole number, not 'big'"),
    "text where a list belongs": (
        "      CompatibleRuntimes: [Python3.10]",
        "      CompatibleRuntimes: Python3.10",
        "list",
    ),
    "figure out of range": ("    default: 512\n", "    default: 4096\n", "4096 is out of range: it takes 128 to 3072"),
    "memory between the steps": ("    default: 512\n", "    default: 500\n", "500 is no multiple of 128"),
    "value outside the enumeration": ("Enable: OPEN", "Enable: OPENED", "'OPENED' is not allowed"),
    "name too long": (
        "FunctionName: ${Name}\n      Description",
        f"FunctionName: {'a' * 61}\n      Description",
        "61 ch",
    ),
    "runtime that SCF lacks": ("Runtime: Python3.10\n", "Runtime: Python3.12\n", "'Python3.12' is not allowed"),
    "runtime older than our code": ("Runtime: Python3.10\n", "Runtime: Python3.9\n", "must be Python3.10, the newest"),
    "layer for another runtime": ("[Python3.10]", "[Python3.12]", "SCF runs our packages on Python3.10"),
    "wildcard event": ("- cos:ObjectCreated:Put\n", "- cos:ObjectCreated:*\n", "is a wildcard"),
    "event that does not exist": (
        "cos:ObjectRemove:Delete\n",
        "cos:ObjectRemoved:Delete\n",
        "did you mean cos:ObjectRem",
    ),
    "event that is left out": ("        - cos:ObjectRemove:DeleteMarkerCreated\n", "", "no trigger brings .*Marker"),
    "time-out below the leases": ("    default: 90\n", "    default: 74\n", "74 s is less than twice .*at least 75"),
    "setting that does not exist": ("IMAGELABELS_DETECTOR", "IMAGELABELS_DETECTER", "did you mean IMAGELABELS_DETEC"),
    "setting with a wrong value": ("Value: '${Detector}'", "Value: imn", "imn is not one of .*did you mean imm"),
    "environment name of SCF": ("Key: FC_REGION", "Key: SCF_REGION", "SCF keeps names that begin so"),
    "no index": (INDEX, "", "IMAGELABELS_INDEX must be tablestore://"),
    "no key for the index": ("Value: '${IndexKeyId}'", "Value: ''", "ALIBABA_CLOUD_ACCESS_KEY_ID is missing"),
    "six layers": (LAYER, LAYER * 6, "has 6 layers: a function has at most 5"),
    "missing permission": (HEAD, "", "nothing allows name/cos:HeadObject on"),
    "permission elsewhere": (":${Bucket}/${Prefix}*", ":other-1/${Prefix}*", "nothing allows name/cos:GetObject on"),
    "permission for the detector": ("[ci:CreateDetectLabelJob]", "[ci:DetectLabel]", "nothing allows ci:CreateDetect"),
    "wildcard permission": (HEAD, HEAD + "                - name/cos:*\n", "allows more than is called"),
    "permission that nothing needs": (HEAD, HEAD + "                - name/cos:DeleteObject\n", "and never called"),
    "role that SCF may not use": (TRUST, "principal: {service: [cos.qcloud.com]}", "must trust scf.qcloud.com"),
    "role of nobody": ("      Role: ${Name}-function\n", "      Role: other\n", "no step makes this role"),
    "no dead-letter queue": (DEAD, "", "DeadLetterConfig is missing"),
    "no second delivery": ("    default: 2\n", "    default: 0\n", "0 is out of range: a temporary failure needs"),
    "event kept too short": ("    default: 21600\n", "    default: 300\n", "300 s is out of range"),
    "event kept too long": ("    default: 21600\n", "    default: 86400\n", "86400 s is out of range"),
    "no archive": (
        "        ZipFile: {base64: '${Code}'}\n",
        "",
        "step function, .*Code: must have ZipFile or a bucket",
    ),
    "reference to nothing": ("'${layer.LayerVersion}'", "'${layer.Version}'", r"nothing is called \$\{layer.Version\}"),
    "parameter that does not exist": ("MsgTTL: ${Keep}", "MsgTTL: ${Keeps}", r"did you mean Keep\?"),
    "step before what it needs": ("    of: role\n", "    of: rolle\n", "no step before this one is called rolle"),
    "thing without a mark": (
        "Description: ${mark}\n      PolicyDocument",
        "PolicyDocument",
        "must be .* by which --undo",
    ),
    "answer without the member": ("in: RoleInfo", "in: Role", "the answer of cam GetRole has no Role"),
    "condition on no member": ("ready: {Status: Active}", "ready: {State: Active}", "has no State"),
    "comparison of no parameter": ("same: [Runtime,", "same: [CodeSize,", "takes no CodeSize"),
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
