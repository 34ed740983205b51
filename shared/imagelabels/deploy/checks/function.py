"""These checks ask whether the function can start, and whether it has the settings and the room that it needs."""

from __future__ import annotations

from imagelabels.deploy.checks.finding import error, warning
from imagelabels.usecases.tools import LEASE

DETECTOR_TIMEOUT = 15.0
"""The detectors wait at most this many seconds for an answer."""
LEAST_TIMEOUT = 2 * LEASE + DETECTOR_TIMEOUT
"""A function needs this many seconds, so that a waiting delivery outlives the lease of a worker that died
(docs/architecture.md)."""
LEAST_MB = 256
"""A function that asks a cloud's detector takes about 100 MB, and holds parts of several pictures at once."""
EMBEDDED_MB = 512
"""The embedded detector was measured at 190 MB for a PNG of 12 megapixels, and it may get larger ones."""

FUNCTION_MISSING = error(
    "function-missing",
    "The file makes no function.",
    "No picture is labelled.",
    "Add the function, as the file that we ship has it.",
)
FUNCTION_TYPE = error(
    "function-type",
    "The function is not one that events start.",
    "The bucket cannot start it.",
    "Make it a function of the type Event.",
)
RUNTIME_UNSUPPORTED = error(
    "runtime-unsupported",
    "The function has a runtime that the cloud lacks or that we make no package for.",
    "The cloud refuses the function, or its first event ends with an import error.",
    "Use a runtime that `imagelabels package` makes a package for.",
)
RUNTIME_PREVIEW = warning(
    "runtime-preview",
    "The function has a runtime in public preview, which some regions do not have.",
    "In those regions the cloud refuses the function.",
    "Use python3.10, which every region has, or name the region in FC_REGION so that this check knows it.",
)
RUNTIME_NOT_IN_REGION = error(
    "runtime-not-in-region",
    "The region in FC_REGION does not have the function's runtime.",
    "The cloud refuses the function.",
    "Use python3.10, which every region has.",
)
PACKAGE_MISMATCH = error(
    "package-mismatch",
    "The name of the code's or the layer's archive says that it was made for another Python or another detector.",
    "The first event ends with an import error.",
    "Make the package with the same --runtime and --detector, and name that one.",
)
HANDLER_UNKNOWN = error(
    "handler-unknown",
    "The function has another handler than our packages.",
    "The platform finds nothing to call, and every event fails.",
    "Name the handler of the package: index.handler on Alibaba Cloud, index.main_handler on Tencent Cloud.",
)
LAYER_RUNTIME = error(
    "layer-runtime",
    "A layer is not compatible with the function's runtime.",
    "The cloud refuses the function, or its first event ends with an import error.",
    "Make the layer compatible with the function's runtime, and pack it for that runtime.",
)
TOO_MANY_LAYERS = error(
    "too-many-layers",
    "The function has more layers than the cloud takes.",
    "The cloud refuses the function.",
    "Put the contents of several layers into one.",
)
CPU_RATIO = error(
    "cpu-ratio",
    "The function's CPU and memory are not a pair that the cloud takes.",
    "The cloud refuses the function.",
    "Choose CPU and memory that fit each other.",
)
MEMORY_TOO_SMALL = error(
    "memory-too-small",
    "The function has less memory than its detector needs.",
    "The function ends while it decodes a large picture, again and again, and the picture gets no labels.",
    "Give it at least 256 MB, or 512 MB with the detector embedded.",
)
TIMEOUT_BELOW_LEASE = error(
    "timeout-below-lease",
    "The function's timeout is less than twice a key's lease plus the detector's timeout.",
    "If a worker dies, the next delivery ends before the lease of the dead one does, and so do all that follow: the "
    "picture gets no labels.",
    "Give the function a timeout of at least 75 s.",
)
INSTANCE_CONCURRENCY = error(
    "instance-concurrency",
    "An instance of the function gets several events at once.",
    "Events in one instance overwrite each other's credentials.",
    "Set InstanceConcurrency to 1, or leave it out.",
)
INSTANCES_UNLIMITED = warning(
    "instances-unlimited",
    "Nothing limits how many instances the function has at once.",
    "A backlog can take all instances of the account, and the account's other functions stand still.",
    "Add a ConcurrencyConfig with ReservedConcurrency for the function.",
)
NO_INSTANCE = error(
    "no-instance",
    "The function may have no instance.",
    "No event is handled.",
    "Set ReservedConcurrency to at least 1.",
)
SETTING_UNKNOWN = error(
    "setting-unknown",
    "The environment has a name that is not a setting.",
    "The function refuses to start, or goes on without what was meant.",
    "Correct the name, or remove the variable.",
)
SETTING_VALUE = error(
    "setting-value",
    "A setting has a value that the function refuses.",
    "The function refuses to start, and no picture is labelled.",
    "Give the setting a value that docs/operate.md names.",
)
SETTING_RESERVED = error(
    "setting-reserved",
    "The environment has a name that the platform keeps for itself.",
    "The cloud refuses the function.",
    "Use another name.",
)
SECRET_IN_PLAIN_TEXT = error(
    "secret-in-plain-text",
    "A key or password stands in the file itself.",
    "Everybody who can read the file, its history or the stack has the key.",
    "Take it out and make a new key. Let the function use its role, or hand the key over as a parameter with NoEcho or "
    "`secret`.",
)
DETECTOR_OF_ANOTHER_STORE = error(
    "detector-of-another-store",
    "The function's detector does not read the store whose events start the function.",
    "The function refuses to start, and no picture is labelled.",
    "Set IMAGELABELS_DETECTOR to imm, oss or embedded on Alibaba Cloud, and to ci or embedded on Tencent Cloud.",
)
MODEL_UNSET = error(
    "model-unset",
    "The detector embedded needs a model, and the setting that says where the layer has it is missing.",
    "The function finds no model, every event fails, and no picture is labelled.",
    "Set IMAGELABELS_MODEL to /opt/models/efficientnet-lite0-int8.onnx, where the layer has the model.",
)
IMM_PROJECT = error(
    "imm-project",
    "The detector needs an IMM project, and the setting that names it is missing.",
    "Every event fails, and no picture is labelled.",
    "Set IMAGELABELS_IMM_PROJECT to the name of the IMM project.",
)
IMM_BINDING = warning(
    "imm-binding",
    "The detector oss needs a bucket that is bound to an IMM project, and nothing in the file provides for that.",
    "Until somebody binds the bucket, OSS refuses to label pictures, and they are parked as detector_unbound.",
    "Make the IMM project in the template, and keep the output that names the command `imagelabels attach`.",
)

ALL = (
    FUNCTION_MISSING,
    FUNCTION_TYPE,
    RUNTIME_UNSUPPORTED,
    RUNTIME_PREVIEW,
    RUNTIME_NOT_IN_REGION,
    PACKAGE_MISMATCH,
    HANDLER_UNKNOWN,
    LAYER_RUNTIME,
    TOO_MANY_LAYERS,
    CPU_RATIO,
    MEMORY_TOO_SMALL,
    TIMEOUT_BELOW_LEASE,
    INSTANCE_CONCURRENCY,
    INSTANCES_UNLIMITED,
    NO_INSTANCE,
    SETTING_UNKNOWN,
    SETTING_VALUE,
    SETTING_RESERVED,
    SECRET_IN_PLAIN_TEXT,
    DETECTOR_OF_ANOTHER_STORE,
    MODEL_UNSET,
    IMM_PROJECT,
    IMM_BINDING,
)
