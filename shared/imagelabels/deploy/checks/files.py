"""These checks ask whether the cloud would accept the file at all: its form, its names and its values."""

from __future__ import annotations

from imagelabels.deploy.checks.finding import error, warning

_REFUSED = "The cloud refuses the deployment."

NOT_READABLE = error(
    "not-readable",
    "The file is not a template or plan.",
    "Nothing can be deployed from it, and none of the other checks ran.",
    "Correct the file where the message says.",
)
NAME_UNKNOWN = error(
    "name-unknown",
    "A reference names nothing that exists.",
    _REFUSED,
    "Correct the name, or define what it names.",
)
FUNCTION_UNSUPPORTED = error(
    "function-unsupported",
    "A value calls a function of the template language that this check cannot calculate.",
    "The value is not known, so none of the checks of values ran.",
    "Write the value with Ref, GetAtt, Sub, Join, If, Equals, Not, And or Or.",
)
TYPE_UNKNOWN = error(
    "type-unknown",
    "A resource has a type that does not exist, and the type with nearly this name has no resource.",
    "The cloud refuses the stack, or it makes something else than the function needs.",
    "Correct the type.",
)
ATTRIBUTE_UNKNOWN = error(
    "attribute-unknown",
    "A resource has an attribute that resources do not have.",
    _REFUSED,
    "Correct the attribute's name, or remove it.",
)
CONDITION_MISSING = error(
    "condition-missing",
    "A value uses a resource that does not exist in every stack.",
    "The cloud refuses every stack without that resource.",
    "Use Fn::If, or give both resources the same condition.",
)
PARAMETER_INVALID = error(
    "parameter-invalid",
    "The definition of a parameter is wrong, or its default does not fit it.",
    _REFUSED,
    "Correct the parameter's definition.",
)
PARAMETER_UNEXPLAINED = warning(
    "parameter-unexplained",
    "A parameter has no description.",
    "Whoever makes the stack has to guess the value.",
    "Give the parameter a Description that says what it is for.",
)
UNUSED = warning(
    "unused",
    "Nothing uses a parameter or a condition.",
    "Whoever sets it changes nothing.",
    "Use it or remove it.",
)
FIELD_UNKNOWN = error(
    "field-unknown",
    "A property or parameter does not exist in the vendor's model.",
    "The cloud refuses the deployment, or does not do what the field asks for.",
    "Correct the name, or remove the field.",
)
FIELD_MISSING = error(
    "field-missing",
    "A property or parameter is missing that the vendor's model requires.",
    _REFUSED,
    "Add the missing field.",
)
FIELD_VALUE = error(
    "field-value",
    "A value has the wrong type, or is outside what the vendor's model allows.",
    _REFUSED,
    "Give it a value that the vendor allows.",
)
CALL_UNKNOWN = error(
    "call-unknown",
    "A step makes a call that the vendor's API does not have.",
    "The deployment stops at this step.",
    "Correct the service or the action.",
)
STEP_ORDER = error(
    "step-order",
    "A step is a part of a step that does not come before it.",
    "The deployment stops at this step.",
    "Put the step that it is a part of before it, and name that one in `of`.",
)
STEP_NOT_UNDONE = error(
    "step-not-undone",
    "The plan does not say how to take away what a step makes.",
    "The option --undo leaves the thing on the account.",
    "Add an `undo` with the calls that take the thing away.",
)
STEP_UNMARKED = error(
    "step-unmarked",
    "A step makes a thing whose description is not the mark.",
    "A later run takes the thing for somebody else's: it stops there, and --undo leaves it on the account.",
    "Write `Description: ${mark}` among the parameters of the call.",
)
LOOK_UNKNOWN = error(
    "look-unknown",
    "A step looks for something that is not in the answer of its call.",
    "The run cannot tell whether the thing is there.",
    "Name a member that the vendor's model has.",
)
ARCHIVE = error(
    "archive",
    "A function or layer does not have exactly one source of its archive.",
    "The cloud refuses the function or the layer.",
    "Name Code and Layer, or else PackageBucket, CodeKey and LayerKey.",
)

ALL = (
    NOT_READABLE,
    NAME_UNKNOWN,
    FUNCTION_UNSUPPORTED,
    TYPE_UNKNOWN,
    ATTRIBUTE_UNKNOWN,
    CONDITION_MISSING,
    PARAMETER_INVALID,
    PARAMETER_UNEXPLAINED,
    UNUSED,
    FIELD_UNKNOWN,
    FIELD_MISSING,
    FIELD_VALUE,
    CALL_UNKNOWN,
    STEP_ORDER,
    STEP_NOT_UNDONE,
    STEP_UNMARKED,
    LOOK_UNKNOWN,
    ARCHIVE,
)
