"""Each of these families puts one kind of fault into a plan in a random way. Its name is the check that finds it."""

import random
from collections.abc import Callable
from typing import Any

from tests.deploy.doctor.plan_rewrites import Document, default, step
from tests.deploy.doctor.template_mutations import misspelt as _misspelt

Mutation = Callable[[random.Random, Document], None]


def _events(content: Document) -> list[str]:
    events: list[str] = step(content, "CreateTrigger")["each"]["Event"]
    return events


def _function(content: Document) -> dict[str, Any]:
    function: dict[str, Any] = step(content, "CreateFunction")["with"]
    return function


def _variables(content: Document) -> list[dict[str, str]]:
    variables: list[dict[str, str]] = _function(content)["Environment"]["Variables"]
    return variables


def _variable(content: Document, name: str) -> dict[str, str]:
    return next(each for each in _variables(content) if each["Key"] == name)


def _statements(content: Document) -> list[dict[str, Any]]:
    statements: list[dict[str, Any]] = step(content, "CreatePolicy")["with"]["PolicyDocument"]["json"]["statement"]
    return statements


def _filter(content: Document) -> dict[str, str]:
    found: dict[str, str] = step(content, "CreateTrigger")["with"]["TriggerDesc"]["json"]["filter"]
    return found


def _add_event(rng: random.Random, content: Document, event: str) -> None:
    events = _events(content)
    if rng.random() < 0.5:
        events[rng.randrange(len(events))] = event
    else:
        events.insert(rng.randrange(len(events) + 1), event)


def event_wildcard(rng: random.Random, content: Document) -> None:
    begin = rng.choice(["cos:ObjectCreated:", "cos:ObjectRemove:", "cos:", ""])
    _add_event(rng, content, f"{begin}{rng.choice(['', 'Put', 'Delete'])}*")


def event_loop(rng: random.Random, content: Document) -> None:
    group = rng.choice(["ObjectModified", "ObjectTagging", "ObjectMeta"])
    _add_event(rng, content, f"cos:{group}:{rng.choice(['PutTagging', 'DeleteTagging', 'PutObjectMeta', 'PutACL'])}")


def event_missing(rng: random.Random, content: Document) -> None:
    events = _events(content)
    for event in rng.sample(events, rng.randrange(1, len(events))):
        events.remove(event)


def event_unknown(rng: random.Random, content: Document) -> None:
    events = _events(content)
    place = rng.randrange(len(events))
    head, _, last = events[place].rpartition(":")
    events[place] = f"{head}:{_misspelt(rng, last)}"


def trigger_missing(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.5:
        content["steps"].remove(step(content, "CreateTrigger"))
    else:
        step(content, "CreateTrigger")["with"]["Type"] = rng.choice(["timer", "apigw", "cls"])


def trigger_overlap(rng: random.Random, content: Document) -> None:
    events = _events(content)
    events.insert(rng.randrange(len(events)), rng.choice(events))


def trigger_field(rng: random.Random, content: Document) -> None:
    name = rng.choice(["Prefix", "Suffix"])
    default(content, name, "2026")  # An empty text would be left out of the call.
    _filter(content)[rng.choice([name.lower(), _misspelt(rng, name)])] = _filter(content).pop(name)


def letter_case(rng: random.Random, content: Document) -> None:
    suffix = rng.choice([".jpg", ".JPG", ".Jpeg", "_photo.PNG", "-IMG.webp", "e", ".png"])
    if rng.random() < 0.5:
        default(content, "Suffix", suffix)
    else:
        _filter(content)["Suffix"] = suffix


def filter_wildcard(rng: random.Random, content: Document) -> None:
    wildcard = rng.choice(["*", "?", "**", "photos/*", "*.1", "img?", "2026/*/x"])
    if rng.random() < 0.5:
        default(content, rng.choice(["Prefix", "Suffix"]), wildcard)
    else:
        _filter(content)[rng.choice(["Prefix", "Suffix"])] = wildcard


def filter_slash(rng: random.Random, content: Document) -> None:
    default(content, "Prefix", rng.choice(["/", "/photos/", "//a", "cos://photos-1250000000/", "/2026/summer/"]))


def runtime_unsupported(rng: random.Random, content: Document) -> None:
    runtimes = ["Python3.12", "Python3.11", "Python3.9", "Python2.7", "Nodejs18.15", "Go1", "python3.10", "Custom"]
    _function(content)["Runtime"] = rng.choice(runtimes)


def handler_unknown(rng: random.Random, content: Document) -> None:
    handlers = ["index.handler", "main.main_handler", "Index.main_handler", "index", "app.lambda_handler"]
    _function(content)["Handler"] = rng.choice(handlers)


def function_without_layer(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.5:
        del _function(content)["Layers"]
    else:
        _function(content)["Layers"] = []


def trigger_off(rng: random.Random, content: Document) -> None:
    step(content, "CreateTrigger")["with"]["Enable"] = "CLOSE"


def layer_runtime(rng: random.Random, content: Document) -> None:
    others = ["Python3.9", "Python3.7", "Nodejs18.15"]
    chosen = rng.sample(others, rng.randrange(1, 3))
    step(content, "PublishLayerVersion")["with"]["CompatibleRuntimes"] = chosen


def package_mismatch(rng: random.Random, content: Document) -> None:
    runtime, detector = rng.choice([("python3.12", "ci"), ("python3.9", "ci"), ("python3.10", "embedded")])
    name, part = rng.choice([("Code", "code"), ("Layer", "layer")])
    folder = rng.choice(["", "dist/", "/home/me/packages/"])
    default(content, name, f"{folder}imagelabels-tencent-{runtime}-{detector}-tablestore-{part}.zip")


def too_many_layers(rng: random.Random, content: Document) -> None:
    layers = _function(content)["Layers"]
    layers.extend({"LayerName": f"l{number}", "LayerVersion": 1} for number in range(rng.randrange(5, 12)))
    rng.shuffle(layers)


def memory_too_small(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.5:
        default(content, "Memory", 128)
    else:
        default(content, "Detector", "embedded")
        default(content, "Memory", rng.choice([128, 256, 384]))


def timeout_below_lease(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.5:
        default(content, "Timeout", rng.randrange(1, 75))
    elif rng.random() < 0.5:
        _function(content)["Timeout"] = rng.randrange(1, 75)
    else:
        del _function(content)["Timeout"]


def setting_unknown(rng: random.Random, content: Document) -> None:
    names = ["DETECTOR", "INDEX", "ENDPOINT_TABLESTORE"]
    variable = _variable(content, f"IMAGELABELS_{rng.choice(names)}")
    last = variable["Key"].removeprefix("IMAGELABELS_")
    variable["Key"] = f"IMAGELABELS_{_misspelt(rng, last)}"


def setting_value(rng: random.Random, content: Document) -> None:
    name, value = rng.choice(
        [
            ("LANGUAGE", "zh"),
            ("THRESHOLD", "80"),
            ("CONCURRENCY", "0"),
            ("TAG_LIMIT", "11"),
            ("REUSE", "everything"),
            ("LOG_LEVEL", "LOUD"),
            ("TAG_PREFIX", "a b"),
            ("FACES", "yes"),
            ("CI_SCENES", "indoors"),
        ]
    )
    _variables(content).append({"Key": f"IMAGELABELS_{name}", "Value": value})


def setting_reserved(rng: random.Random, content: Document) -> None:
    begin = rng.choice(["SCF_", "QCLOUD_", "TENCENTCLOUD_"])
    _variables(content).append({"Key": f"{begin}{rng.choice(['REGION', 'X', 'RUNTIME'])}", "Value": "x"})


def secret_in_plain_text(rng: random.Random, content: Document) -> None:
    letters = "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789", k=rng.randrange(13, 32)))
    kind = rng.randrange(4)
    if kind == 0:
        names = ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
        _variable(content, rng.choice(names))["Value"] = letters
    elif kind == 1:
        _variables(content).append({"Key": rng.choice(["DB_PASSWORD", "API_TOKEN", "MY_SECRET"]), "Value": letters})
    elif kind == 2:
        default(content, rng.choice(["LogSet", "LogTopic"]), f"AKID{letters}")
    else:
        _variables(content).append({"Key": "NOTE", "Value": f"{rng.choice(['AKID', 'LTAI'])}{letters[:20]}"})


def permission_missing(rng: random.Random, content: Document) -> None:
    statement = rng.choice(_statements(content))
    kind = rng.randrange(5)
    if kind == 4:
        refused = {"effect": "deny", "action": [rng.choice([*statement["action"], "*"])], "resource": ["*"]}
        step(content, "CreatePolicy")["with"]["PolicyDocument"]["json"]["statement"].append(refused)
    elif kind == 0 and len(statement["action"]) > 1:
        statement["action"].remove(rng.choice(statement["action"]))
    elif kind == 1:
        statement["resource"] = ["qcs::cos:${Region}:uid/${AppId}:somewhere-else/*"]
    elif kind == 2:
        statement["effect"] = "deny"
    else:
        place = rng.randrange(len(statement["action"]))
        statement["action"][place] += "s"


def permission_too_wide(rng: random.Random, content: Document) -> None:
    statement = rng.choice(_statements(content))
    if rng.random() < 0.5:
        service = statement["action"][0].partition(":")[0]
        statement["action"].append(rng.choice([f"{service}:*", "*", f"{service}:Get*"]))
    else:
        statement["resource"].append("*")


def permission_unused(rng: random.Random, content: Document) -> None:
    actions = ["name/cos:DeleteObject", "name/cos:PutObject", "ci:DeleteJob", "name/scf:InvokeFunction"]
    rng.choice(_statements(content))["action"].append(rng.choice(actions))


def role_missing(rng: random.Random, content: Document) -> None:
    _function(content)["Role"] = rng.choice(["SCF_QcsRole", "admin", "${Name}-functions"])


def role_not_trusted(rng: random.Random, content: Document) -> None:
    statement = step(content, "CreateRole")["with"]["PolicyDocument"]["json"]["statement"][0]
    kind = rng.randrange(3)
    if kind == 0:
        statement["principal"] = {"service": [rng.choice(["cos.qcloud.com", "cvm.qcloud.com", "scf.qcloud"])]}
    elif kind == 1:
        statement["effect"] = "deny"
    else:
        statement["action"] = ["name/sts:GetCallerIdentity"]


def retries(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.5:
        default(content, "Retries", rng.choice([0, 3, 4, 10]))
    else:
        content["steps"].remove(step(content, "UpdateFunctionEventInvokeConfig"))


def event_age(rng: random.Random, content: Document) -> None:
    default(content, "Keep", rng.choice([rng.randrange(1, 390), rng.randrange(21601, 10**6)]))


def failures_lost(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.5:
        del _function(content)["DeadLetterConfig"]
    else:
        _function(content)["DeadLetterConfig"] = ""


def index_unset(rng: random.Random, content: Document) -> None:
    if rng.random() < 0.5:
        _variables(content).remove(_variable(content, "IMAGELABELS_INDEX"))
    else:
        _variable(content, "IMAGELABELS_INDEX")["Value"] = ""


def index_does_not_last(rng: random.Random, content: Document) -> None:
    default(content, "Index", f"sqlite:///{rng.choice(['/tmp', '/var/user', 'data', '/mnt/cfs'])}/index.db")


def index_out_of_reach(rng: random.Random, content: Document) -> None:
    names = ["IMAGELABELS_ENDPOINT_TABLESTORE", "FC_REGION", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
    variable = _variable(content, rng.choice(names))
    if rng.random() < 0.5:
        _variables(content).remove(variable)
    else:
        variable["Value"] = ""


def archive(rng: random.Random, content: Document) -> None:
    name, member = rng.choice([("CreateFunction", "Code"), ("PublishLayerVersion", "Content")])
    source = step(content, name)["with"][member]
    if rng.random() < 0.5:
        del source["ZipFile"]
    else:
        source["CosObjectName"] = source["CosBucketName"] = "both"


def name_unknown(rng: random.Random, content: Document) -> None:
    function = _function(content)
    name = rng.choice(["MemorySize", "Timeout", "FunctionName"])
    function[name] = f"${{{_misspelt(rng, function[name][2:-1])}}}"


def field_unknown(rng: random.Random, content: Document) -> None:
    parameters = rng.choice(content["steps"])["with"]
    name = rng.choice([name for name in parameters if not name.startswith("Cls")])  # They are empty, and left out.
    parameters[_misspelt(rng, name)] = parameters[name]


def field_value(rng: random.Random, content: Document) -> None:
    wrong: list[tuple[str, list[Any]]] = [
        ("MemorySize", ["much", 100, 10**6]),
        ("Timeout", ["long", 10**6]),
        ("Handler", [5, []]),
        ("Layers", ["x", {}]),
    ]
    name, values = rng.choice(wrong)
    _function(content)[name] = rng.choice(values)


def field_missing(rng: random.Random, content: Document) -> None:
    name, member = rng.choice(
        [
            ("CreateTrigger", "TriggerName"),
            ("CreateTrigger", "Type"),
            ("CreateFunction", "FunctionName"),
            ("PublishLayerVersion", "LayerName"),
            ("CreatePolicy", "PolicyDocument"),
            ("CreateRole", "RoleName"),
        ]
    )
    del step(content, name)["with"][member]


def call_unknown(rng: random.Random, content: Document) -> None:
    each = rng.choice(content["steps"])
    service, _, action = each["call"].partition(" ")
    each["call"] = rng.choice([f"{service} {_misspelt(rng, action)}", f"{_misspelt(rng, service)} {action}"])


def step_unmarked(rng: random.Random, content: Document) -> None:
    names = ["CreateRole", "CreatePolicy", "PublishLayerVersion", "CreateFunction", "CreateTrigger"]
    parameters = step(content, rng.choice(names))["with"]
    if rng.random() < 0.5:
        del parameters["Description"]
    else:
        parameters["Description"] = rng.choice(["mine", "${mark}!", "mark"])


def step_not_undone(rng: random.Random, content: Document) -> None:
    names = ["CreateRole", "CreatePolicy", "PublishLayerVersion", "CreateFunction", "CreateTrigger"]
    del step(content, rng.choice(names))["undo"]


def step_order(rng: random.Random, content: Document) -> None:
    each = rng.choice([each for each in content["steps"] if "of" in each])
    each["of"] = _misspelt(rng, each["of"])


FAMILIES: dict[str, Mutation] = {
    name.replace("_", "-"): family
    for name, family in list(globals().items())
    if callable(family) and getattr(family, "__module__", "") == __name__ and not name.startswith("_")
}
"""The families by the name of the check that finds them."""
