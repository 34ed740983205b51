"""Each of these families puts one kind of fault into a template in a random way, and is named after its check."""

import random
from collections.abc import Callable
from typing import Any

from imagelabels.deploy.template.triggers import EVENTS, PARTS, WHOLE_OBJECTS
from tests.deploy.doctor.template_rewrites import Document, of, remove

Mutation = Callable[[random.Random, Document], None]


def misspelt(rng: random.Random, word: str) -> str:
    """Return the word with a letter doubled, left out or changed. The s of a plural stays: without it the word may be
    another one that is known, as DeleteObject is beside DeleteObjects."""
    place = rng.randrange(1, len(word) - word.endswith("s"))
    return word[:place] + rng.choice([word[place] * 2, "", "x" if word[place] != "x" else "y"]) + word[place + 1 :]


def _one(content: Document, kind: str) -> dict[str, Any]:
    return of(content, kind)[0]


def _trigger(content: Document) -> dict[str, Any]:
    config: dict[str, Any] = _one(content, "FC3::Trigger")["TriggerConfig"]
    return config


def _key(content: Document) -> dict[str, Any]:
    key: dict[str, Any] = _trigger(content)["filter"]["key"]
    return key


def _add_event(rng: random.Random, content: Document, event: str) -> None:
    events = _trigger(content)["events"]
    if rng.random() < 0.5:
        events[rng.randrange(len(events))] = event
    else:
        events.insert(rng.randrange(len(events) + 1), event)


def event_wildcard(rng: random.Random, content: Document) -> None:
    begin = rng.choice(["oss:ObjectCreated:", "oss:ObjectRemoved:", "oss:ObjectReplication:", "oss:", ""])
    _add_event(rng, content, f"{begin}{rng.choice(['', 'Put', 'Delete'])}*")


def event_of_a_part(rng: random.Random, content: Document) -> None:
    _add_event(rng, content, rng.choice(PARTS))


def event_loop(rng: random.Random, content: Document) -> None:
    group = rng.choice(["ObjectModified", "ObjectTagging", "ObjectMeta", "ObjectAcl"])
    name = rng.choice(["UpdateObjectMeta", "PutObjectTagging", "DeleteObjectTagging", "PutObjectACL"])
    _add_event(rng, content, rng.choice([f"oss:{group}:{name}", "oss:ObjectReplication:ObjectModified"]))


def event_unneeded(rng: random.Random, content: Document) -> None:
    others = set(EVENTS) - {*WHOLE_OBJECTS, *PARTS}
    events = sorted(event for event in others if "*" not in event and "Modified" not in event)
    _add_event(rng, content, rng.choice(events))


def event_missing(rng: random.Random, content: Document) -> None:
    events = _trigger(content)["events"]
    for event in rng.sample(events, rng.randrange(1, len(events))):
        events.remove(event)


def event_unknown(rng: random.Random, content: Document) -> None:
    events = _trigger(content)["events"]
    place = rng.randrange(len(events))
    head, _, last = events[place].rpartition(":")
    events[place] = f"{head}:{misspelt(rng, last)}"


def trigger_overlap(rng: random.Random, content: Document) -> None:
    prefix = rng.choice(["", "p/", "photos/2026/"])
    suffix = rng.choice(["", ".1", "-x.1"])
    shorter = prefix[: rng.randrange(len(prefix) + 1)]
    longer = rng.choice(["", "a", "_b-"]) + suffix
    name = next(name for name, each in content["Resources"].items() if each["Type"] == "ALIYUN::FC3::Trigger")
    trigger = content["Resources"][name]
    filters = [{"prefix": prefix, "suffix": suffix}, {"prefix": shorter, "suffix": longer}]
    rng.shuffle(filters)
    events = rng.sample(WHOLE_OBJECTS, rng.randrange(1, 6))
    second = trigger["Properties"] | {"TriggerConfig": {"events": events, "filter": {"key": filters[0]}}}
    trigger["Properties"]["TriggerConfig"] = _trigger(content) | {"filter": {"key": filters[1]}}
    content["Resources"]["Second"] = trigger | {"Properties": second | {"TriggerName": "second"}}


def letter_case(rng: random.Random, content: Document) -> None:
    suffix = rng.choice([".jpg", ".JPG", ".Jpeg", "_photo.PNG", "-IMG.webp", "e", "é", ".png"])
    if rng.random() < 0.5:
        content["Parameters"]["KeySuffix"]["Default"] = suffix
    else:
        _key(content)["suffix"] = suffix


def filter_wildcard(rng: random.Random, content: Document) -> None:
    wildcard = rng.choice(["*", "?", "**", "photos/*", "*.jpg", "img?", "2026/*/x", "?.1"])
    if rng.random() < 0.5:
        content["Parameters"][rng.choice(["KeyPrefix", "KeySuffix"])]["Default"] = wildcard
    else:
        _key(content)[rng.choice(["prefix", "suffix"])] = wildcard


def filter_slash(rng: random.Random, content: Document) -> None:
    prefix = rng.choice(["/", "/photos/", "//a", "oss://my-photos/", "oss://", "/2026/summer/"])
    content["Parameters"]["KeyPrefix"]["Default"] = prefix


def trigger_source(rng: random.Random, content: Document) -> None:
    region = rng.choice(["cn-beijing", "ap-southeast-1", "eu-central-1", "", "*"])
    account = rng.choice(["${ALIYUN::TenantId}", "1", "*"])
    _one(content, "FC3::Trigger")["SourceArn"] = {"Fn::Sub": f"acs:oss:{region}:{account}:${{BucketName}}"}


def trigger_missing(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.5:
        remove(content, "FC3::Trigger")
    else:
        _one(content, "FC3::Trigger")["TriggerType"] = rng.choice(["timer", "http", "log"])


def runtime_not_in_region(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.5:
        content["Parameters"]["Runtime"]["Default"] = "python3.12"
    else:
        _one(content, "FC3::Function")["Runtime"] = "python3.12"


def runtime_unsupported(rng: random.Random, content: Document) -> None:
    runtime = rng.choice(
        ["python3.9", "python3.11", "python3", "python2.7", "nodejs20", "custom.debian10", "python3.13"]
    )
    if rng.random() < 0.5:
        content["Parameters"]["Runtime"]["AllowedValues"].append(runtime)
    else:
        _one(content, "FC3::Function")["Runtime"] = runtime


def handler_unknown(rng: random.Random, content: Document) -> None:
    handlers = ["index.main_handler", "main.handler", "Index.handler", "index", "handler.index", "app.lambda_handler"]
    _one(content, "FC3::Function")["Handler"] = rng.choice(handlers)


def function_without_layer(rng: random.Random, content: Document) -> None:
    del _one(content, "FC3::Function")["Layers"]


def layer_runtime(rng: random.Random, content: Document) -> None:
    others = ["python3.9", "nodejs20", "python3.12", "java11"]
    _one(content, "FC3::LayerVersion")["CompatibleRuntime"] = rng.sample(others, rng.randrange(1, 4))


def package_mismatch(rng: random.Random, content: Document) -> None:
    runtime, detector = rng.choice([("python3.12", "imm"), ("python3.9", "imm"), ("python3.10", "embedded")])
    place, part = rng.choice([("CodeKey", "code"), ("LayerKey", "layer")])
    folder = rng.choice(["", "v2/", "imagelabels/2026/"])
    name = f"{folder}imagelabels-aliyun-{runtime}-{detector}-tablestore-{part}{rng.choice(['', '-v3'])}.zip"
    content["Parameters"][place]["Default"] = name


def too_many_layers(rng: random.Random, content: Document) -> None:
    layers = _one(content, "FC3::Function")["Layers"]
    more = [f"acs:fc:cn-hangzhou:1:layers/l{number}/versions/1" for number in range(rng.randrange(5, 20))]
    layers.extend(more)
    rng.shuffle(layers)


def cpu_ratio(rng: random.Random, content: Document) -> None:
    function = _one(content, "FC3::Function")
    pair = rng.choice([(2, 1024), (0.5, 4096), (0.05, 512), (0.33, 1024), (1, 1000), (4, 512), (None, 1024), (1, None)])
    for name, value in zip(("Cpu", "MemorySize"), pair, strict=True):
        function[name] = value
        if value is None:
            del function[name]


def memory_too_small(rng: random.Random, content: Document) -> None:
    function = _one(content, "FC3::Function")
    if rng.random() < 0.5:
        function["Cpu"], function["MemorySize"] = 0.1, rng.choice([128, 192])
    else:
        function["Cpu"], function["MemorySize"] = 0.2, rng.choice([256, 320, 448])
        content["Parameters"]["Detector"]["Default"] = "embedded"


def timeout_below_lease(rng: random.Random, content: Document) -> None:
    seconds = rng.randrange(1, 75)
    if rng.random() < 0.5:
        _one(content, "FC3::Function")["Timeout"] = seconds
    elif rng.random() < 0.5:
        content["Parameters"]["Timeout"]["MinValue"] = seconds
    else:
        del _one(content, "FC3::Function")["Timeout"]


def instances_unlimited(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.5:
        remove(content, "FC3::ConcurrencyConfig")
    else:
        _one(content, "FC3::ConcurrencyConfig")["FunctionName"] = misspelt(rng, "imagelabels")


def no_instance(rng: random.Random, content: Document) -> None:
    number = -rng.randrange(10)
    if rng.random() < 0.5:
        _one(content, "FC3::ConcurrencyConfig")["ReservedConcurrency"] = number
    else:
        content["Parameters"]["MaxInstances"]["MinValue"] = number


def setting_unknown(rng: random.Random, content: Document) -> None:
    variables = _one(content, "FC3::Function")["EnvironmentVariables"]
    name = rng.choice([name for name in variables if name.startswith("IMAGELABELS_")])
    last = name.removeprefix("IMAGELABELS_")
    variables[f"IMAGELABELS_{misspelt(rng, last)}"] = variables.pop(name) if rng.random() < 0.5 else "1"


def setting_value(rng: random.Random, content: Document) -> None:
    name, value = rng.choice(
        [
            ("LANGUAGE", "zh"),
            ("LANGUAGE", "EN"),
            ("DETECTOR", "openai"),
            ("THRESHOLD", "80"),
            ("THRESHOLD", "high"),
            ("CONCURRENCY", 4),
            ("CONCURRENCY", "0"),
            ("TAG_LIMIT", "11"),
            ("TAG_PREFIX", "a b"),
            ("INDEX", "redis://x"),
            ("REUSE", "everything"),
            ("LOG_LEVEL", "LOUD"),
            ("TAG_VALUE", True),
            ("FACES", "yes"),
        ]
    )
    _one(content, "FC3::Function")["EnvironmentVariables"][f"IMAGELABELS_{name}"] = value


def imm_project(rng: random.Random, content: Document) -> None:
    variables = _one(content, "FC3::Function")["EnvironmentVariables"]
    if rng.random() < 0.5:
        variables["IMAGELABELS_IMM_PROJECT"] = ""
    else:
        del variables["IMAGELABELS_IMM_PROJECT"]


def imm_binding(rng: random.Random, content: Document) -> None:
    content["Parameters"]["Detector"]["Default"] = "oss"
    if rng.random() < 0.5:
        remove(content, "IMM::Project2")
    else:
        content["Outputs"].pop("BindBucket")


def secret_in_plain_text(rng: random.Random, content: Document) -> None:
    letters = "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789", k=rng.randrange(13, 24)))
    variables = _one(content, "FC3::Function")["EnvironmentVariables"]
    kind = rng.randrange(4)
    if kind == 0:
        variables[rng.choice(["KEY_ID", "MY_ID", "NOTE"])] = f"LTAI{letters}"
    elif kind == 1:
        names = [
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
            "DB_PASSWORD",
            "API_TOKEN",
            "MY_SECRET",
            "ALIBABA_CLOUD_ACCESS_KEY_ID",
        ]
        variables[rng.choice(names)] = letters
    elif kind == 2:
        content["Parameters"]["ImmServiceRole"]["Default"] = f"LTAI{letters}"
    else:
        rng.choice(of(content, "OTS::Table"))["TableName"] = f"LTAI{letters}"


def permission_missing(rng: random.Random, content: Document) -> None:
    statement = rng.choice([each for policy in of(content, "RAM::ManagedPolicy") for each in _statements(policy)])
    kind = rng.randrange(4)
    if kind == 0 and len(statement["Action"]) > 1:
        statement["Action"].remove(rng.choice(statement["Action"]))
    elif kind == 1:
        statement["Resource"] = ["acs:oss:*:1234567890123456:somewhere-else/*"]
    elif kind == 2:
        statement["Effect"] = "Deny"
    else:
        place = rng.randrange(len(statement["Action"]))
        statement["Action"][place] += "s"


def _statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    statements: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return statements


def permission_too_wide(rng: random.Random, content: Document) -> None:
    statement = rng.choice([each for policy in of(content, "RAM::ManagedPolicy") for each in _statements(policy)])
    if rng.random() < 0.5:
        service = statement["Action"][0].partition(":")[0]
        statement["Action"].append(rng.choice([f"{service}:*", "*", f"{service}:Get*"]))
    else:
        statement["Resource"].append(rng.choice(["*", "acs:*", "acs:oss:*:*:*", "acs:ots:*:*:instance/*"]))


def permission_unused(rng: random.Random, content: Document) -> None:
    statement = rng.choice([each for policy in of(content, "RAM::ManagedPolicy") for each in _statements(policy)])
    statement["Action"].append(
        rng.choice(["oss:DeleteObject", "ots:DeleteTable", "imm:DeleteProject", "fc:GetFunction"])
    )


def role_missing(rng: random.Random, content: Document) -> None:
    arn = f"acs:ram::{rng.randrange(1, 10**16)}:role/{rng.choice(['admin', 'fc', 'imagelabels-function-cn-hangzhou'])}"
    if rng.random() < 0.5:
        _one(content, "FC3::Function")["Role"] = arn
    else:
        _one(content, "FC3::Trigger")["InvocationRole"] = arn


def role_not_trusted(rng: random.Random, content: Document) -> None:
    role = rng.choice(of(content, "RAM::Role"))
    statement = role["AssumeRolePolicyDocument"]["Statement"][0]
    kind = rng.randrange(3)
    if kind == 0:
        statement["Principal"] = {"Service": [rng.choice(["ecs.aliyuncs.com", "ros.aliyuncs.com", "fc.aliyun.com"])]}
    elif kind == 1:
        statement["Effect"] = "Deny"
    else:
        statement["Principal"] = {"RAM": ["acs:ram::1:root"]}


def retries(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.5:
        _one(content, "FC3::AsyncInvokeConfig")["MaxAsyncRetryAttempts"] = 0
    else:
        content["Parameters"]["RetryAttempts"]["MinValue"] = 0


def event_age(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.5:
        _one(content, "FC3::AsyncInvokeConfig")["MaxAsyncEventAgeInSeconds"] = rng.randrange(1, 360)
    else:
        content["Parameters"]["EventAge"]["MinValue"] = rng.randrange(1, 360)


def failures_lost(rng: random.Random, content: Document) -> None:
    config = _one(content, "FC3::AsyncInvokeConfig")
    kind = rng.randrange(4)
    if kind == 0:
        remove(content, "FC3::AsyncInvokeConfig")
    elif kind == 1:
        del config["DestinationConfig"]
    elif kind == 2:
        config["DestinationConfig"] = {"OnSuccess": config["DestinationConfig"]["OnFailure"]}
    else:
        config["FunctionName"] = misspelt(rng, "imagelabels")


def failures_too_large(rng: random.Random, content: Document) -> None:
    _one(content, "MNS::Queue")["MaximumMessageSize"] = rng.randrange(1024, 65536)


def failures_handed_out_twice(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.3:
        del _one(content, "MNS::Queue")["VisibilityTimeout"]
    else:
        _one(content, "MNS::Queue")["VisibilityTimeout"] = rng.randrange(1, 90)


def failures_forgotten(rng: random.Random, content: Document) -> None:
    _one(content, "MNS::Queue")["MessageRetentionPeriod"] = rng.randrange(60, 86400)


def index_unset(rng: random.Random, content: Document) -> None:
    variables = _one(content, "FC3::Function")["EnvironmentVariables"]
    del variables["IMAGELABELS_INDEX"]


def index_does_not_last(rng: random.Random, content: Document) -> None:
    folder = rng.choice(["/tmp", "/code", "/opt/data", "", "tmp", "/var/lib/x", "/mnt/photos"])
    name = rng.choice(["index", "labels", "a b"])
    _one(content, "FC3::Function")["EnvironmentVariables"]["IMAGELABELS_INDEX"] = f"sqlite:///{folder}/{name}.db"


def index_out_of_reach(rng: random.Random, content: Document) -> None:
    variables = _one(content, "FC3::Function")["EnvironmentVariables"]
    del variables["IMAGELABELS_ENDPOINT_TABLESTORE"]


def table_missing(rng: random.Random, content: Document) -> None:
    table = rng.choice(of(content, "OTS::Table")[1:])
    table["TableName"] = misspelt(rng, table["TableName"])


def table_differs(rng: random.Random, content: Document) -> None:
    table = rng.choice(of(content, "OTS::Table"))
    kind = rng.randrange(3)
    if kind == 0:
        table["PrimaryKey"][0]["Type"] = rng.choice(["INTEGER", "BINARY"])
    elif kind == 1:
        table["PrimaryKey"][0]["Name"] += rng.choice(["s", "_id"])
    else:
        table["MaxVersions"] = rng.randrange(2, 9)


def search_index_missing(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.5:
        remove(content, "OTS::SearchIndex")
    else:
        _one(content, "OTS::SearchIndex")["IndexName"] = misspelt(rng, "imagelabels_search")


def search_index_fields(rng: random.Random, content: Document) -> None:
    fields = _one(content, "OTS::SearchIndex")["FieldSchemas"]
    if rng.random() < 0.2:
        fields = fields[-1]["SubFieldSchemas"]
    field = rng.choice([each for each in fields if each["FieldName"] != "labels"])
    kind = rng.randrange(4)
    if kind == 0:
        fields.remove(field)
    elif kind == 1:
        others = {"FieldType.KEYWORD", "FieldType.LONG", "FieldType.TEXT", "FieldType.DOUBLE"} - {field["FieldType"]}
        field["FieldType"] = rng.choice(sorted(others))
    elif kind == 2:
        field["IsArray"] = not field.get("IsArray", False)
    else:
        field[rng.choice(["EnableSortAndAgg", "Index"])] = False


def log_index_fields(rng: random.Random, content: Document) -> None:
    index = _one(content, "SLS::Index")
    (line,) = index["KeyIndices"]
    if rng.random() < 0.2:
        index["KeyIndices"] = []
    else:
        names = ["level", "state", "reason", "uri", "request_id", "detail"]
        gone = rng.sample(names, rng.randrange(1, len(names)))
        line["JsonKeyIndices"] = [each for each in line["JsonKeyIndices"] if each["Name"] not in gone]


def log_missing(rng: random.Random, content: Document) -> None:
    del _one(content, "FC3::Function")["LogConfig"]


def name_unknown(rng: random.Random, content: Document) -> None:
    refs: list[dict[str, Any]] = []

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            if "Ref" in value:
                refs.append(value)
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    collect(content["Resources"])
    ref = rng.choice(refs)
    ref["Ref"] = misspelt(rng, ref["Ref"])


def field_unknown(rng: random.Random, content: Document) -> None:
    properties = rng.choice(list(content["Resources"].values()))["Properties"]
    name = rng.choice(list(properties))
    properties[misspelt(rng, name)] = properties[name]


def field_value(rng: random.Random, content: Document) -> None:
    kind, name, values = rng.choice(
        [
            ("FC3::Function", "InternetAccess", ["yes", 1, []]),
            ("FC3::Function", "Handler", [[], 5, True]),
            ("MNS::Queue", "MaximumMessageSize", ["large", 10, 10**7]),
            ("SLS::Logstore", "ShardCount", ["one", True]),
            ("OTS::Table", "PrimaryKey", ["pk", 5]),
            ("FC3::Trigger", "TriggerConfig", ["x", 1]),
        ]
    )
    rng.choice(of(content, kind))[name] = rng.choice(values)


FAMILIES: dict[str, Mutation] = {
    name.replace("_", "-"): family
    for name, family in list(globals().items())
    if callable(family) and getattr(family, "__module__", "") == __name__ and not name.startswith("_")
}
del FAMILIES["misspelt"]
"""The families by the name of the check that finds them."""
