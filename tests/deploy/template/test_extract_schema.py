"""These tests check that the schema is that of the vendor's kit, and that an unknown form of rule stops the run."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from imagelabels.deploy.template.check_template import schema
from imagelabels.deploy.template.extract_schema import TYPES, Kit

MODULE = """
function RosThingPropsValidator(properties) {
    errors.collect(ros.propertyValidator('thingName', ros.requiredValidator)(properties.thingName));
    if (properties.thingName && (typeof properties.thingName) !== 'object') {
        errors.collect(ros.propertyValidator('thingName', ros.validateAllowedPattern)({
            data: properties.thingName,
            reg: /^[a-z]+$/
        }));
    }
    errors.collect(ros.propertyValidator('thingName', ros.validateString)(properties.thingName));
    errors.collect(ros.propertyValidator('parts', ros.listValidator(RosThing_APropertyValidator))(properties.parts));
}
function rosThingPropsToRosTemplate(properties, enableResourcePropertyConstraint) {
    return {
        'ThingName': ros.stringToRosTemplate(properties.thingName),
        'Parts': ros.listMapper(rosThingAPropertyToRosTemplate)(properties.parts),
    };
}
class RosThing extends ros.RosResource {
        this.attrArn = this.getAtt('ARN.WithSlash');
}
RosThing.ROS_RESOURCE_TYPE_NAME = "ALIYUN::A::Thing";
function RosThing_APropertyValidator(properties) {
        errors.collect(ros.propertyValidator('size', ros.validateRange)({
            data: properties.size,
            min: undefined,
            max: 0.5,
        }));
    errors.collect(ros.propertyValidator('size', ros.validateNumber)(properties.size));
}
function rosThingAPropertyToRosTemplate(properties) {
        'Size': ros.numberToRosTemplate(properties.size),
}
"""


def wheel(folder: Path, module: str) -> Path:
    packed, path = io.BytesIO(), folder / "ros_cdk_a-9.8.7-py3-none-any.whl"
    with tarfile.open(fileobj=packed, mode="w:gz") as inner:
        for name, text in (("lib/a", module), ("lib/datasource/a", "none of ours")):
            entry = tarfile.TarInfo(f"package/{name}.generated.js")
            entry.size = len(text.encode())
            inner.addfile(entry, io.BytesIO(text.encode()))
    with zipfile.ZipFile(path, "w") as outer:
        outer.writestr("ros_cdk_a/_jsii/ros-cdk-a@9.8.7.jsii.tgz", packed.getvalue())
    return path


def test_no_rule_of_the_kit_is_lost(tmp_path: Path) -> None:
    kit = Kit(wheel(tmp_path, MODULE))
    assert kit.version == "9.8.7"
    assert kit.resource("ALIYUN::A::Other") is None
    assert kit.resource("ALIYUN::A::Thing") == {
        "attributes": ["ARN.WithSlash"],
        "properties": {
            "Parts": {
                "type": "list",
                "items": {"type": "object", "properties": {"Size": {"max": 0.5, "type": "number"}}},
            },
            "ThingName": {"required": True, "pattern": "^[a-z]+$", "type": "string"},
        },
    }


def test_a_rule_of_another_form_is_not_passed_over(tmp_path: Path) -> None:
    unknown = MODULE.replace("ros.propertyValidator('size', ros.validateNumber)", "ros.somethingNew('size')")
    with pytest.raises(ValueError, match="RosThing_APropertyValidator"):
        Kit(wheel(tmp_path, unknown)).resource("ALIYUN::A::Thing")


def test_the_schema_holds_every_type_that_the_extractor_names() -> None:
    assert tuple(schema()) == TYPES
    assert schema()["ALIYUN::FC3::Function"]["properties"]["Runtime"] == {"required": True, "type": "string"}
