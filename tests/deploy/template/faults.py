"""These faults would fail or do harm in the cloud. The tests put them into the template one at a time."""

SECOND_TRIGGER = """\
  Second:
    Type: ALIYUN::FC3::Trigger
    Properties:
      FunctionName: !GetAtt [Function, FunctionName]
      TriggerName: second
      TriggerType: oss
      InvocationRole: !GetAtt [TriggerRole, Arn]
      SourceArn: !Sub 'acs:oss:${ALIYUN::Region}:${ALIYUN::TenantId}:${BucketName}'
      TriggerConfig:
        events:
          - oss:ObjectCreated:PutObject
          - oss:ObjectCreated:PostObject
          - oss:ObjectCreated:CopyObject
          - oss:ObjectCreated:CompleteMultipartUpload
          - oss:ObjectRemoved:DeleteObject
          - oss:ObjectRemoved:DeleteObjects
        filter: {key: {prefix: photos/, suffix: .jpg}}

Outputs:
"""
PUT = "          - oss:ObjectCreated:PutObject\n"
FAULTS: dict[str, tuple[str, str, str, str]] = {
    "detector of another cloud": (
        "        IMAGELABELS_DETECTOR: !Ref Detector",
        "        IMAGELABELS_DETECTOR: ci",
        "detector-of-another-store",
        "IMAGELABELS_DETECTOR: The detector ci reads cos:// only, and the function's pictures are in oss://.",
    ),
    "embedded detector without a model": (
        "        IMAGELABELS_MODEL: /opt/models/efficientnet-lite0-int8.onnx\n",
        "",
        "model-unset",
        "Function.EnvironmentVariables.IMAGELABELS_MODEL (with Detector=embedded): It is missing or empty",
    ),
    "event in another spelling": (
        "          - oss:ObjectCreated:PutObject\n",
        "          - oss:ObjectCreated:Put\n",
        "event-unknown",
        "There is no oss:ObjectCreated:Put. Did you mean oss:ObjectCreated:PutObject?",
    ),
    "unknown property": (
        "      MemorySize: !Ref",
        "      MemorySise: !Ref",
        "field-unknown",
        "Function.MemorySise: There is no such property.",
    ),
    "unknown property inside another": (
        "OssObjectName: !Ref CodeKey",
        "OssKey: !Ref CodeKey",
        "field-unknown",
        "Function.Code.OssKey: There is no such property.",
    ),
    "wrong type": (
        "InternetAccess: true",
        "InternetAccess: 'yes'",
        "field-value",
        "Function.InternetAccess: It must be a boolean, and it is 'yes'.",
    ),
    "wrong type through a parameter": (
        "ShardCount: 1",
        "ShardCount: !Ref Name",
        "field-value",
        "Logstore.ShardCount: It must be a number, and it is 'imagelabels'.",
    ),
    "missing required property": (
        "      Handler: index.handler\n",
        "",
        "field-missing",
        "Function: Handler is missing.",
    ),
    "value that the vendor does not know": (
        "SSD, HYBRID",
        "SSD, DISK",
        "field-value",
        "Instance.ClusterType (with ClusterType=DISK): 'DISK' is not allowed.",
    ),
    "figure beyond the vendor's": (
        "    MaxValue: 8\n",
        "    MaxValue: 9\n",
        "field-value",
        "Deliveries.MaxAsyncRetryAttempts (with RetryAttempts=9): 9 is too large.",
    ),
    "text that does not fit": (
        "TableName: imagelabels_events",
        "TableName: imagelabels-events",
        "field-value",
        "EventsTable.TableName: 'imagelabels-events' does not fit the pattern",
    ),
    "unknown type": (
        "ALIYUN::FC3::LayerVersion",
        "ALIYUN::FC::LayerVersion",
        "type-unknown",
        "Layer.Type: The function needs a resource of the type ALIYUN::FC3::LayerVersion, and this",
    ),
    "dangling Ref": (
        "!Ref LayerKey",
        "!Ref LayerKeys",
        "name-unknown",
        "Layer.Properties.Code.OssObjectName: There is no LayerKeys.",
    ),
    "dangling GetAtt": (
        "!GetAtt [Role, Arn]",
        "!GetAtt [Role, ARN]",
        "name-unknown",
        "Function.Properties.Role: Role has no attribute ARN.",
    ),
    "dangling name in a text": (
        "'tablestore://${InstanceName}'",
        "'tablestore://${Instanz}'",
        "name-unknown",
        "Function.Properties.EnvironmentVariables.IMAGELABELS_INDEX: There is no Instanz.",
    ),
    "dangling DependsOn": (
        "[Permissions, LogIndex]",
        "[Permissions, Logs]",
        "name-unknown",
        "Function.DependsOn: There is no Logs.",
    ),
    "use of what may be missing": (
        "!If [CreatesBucket, !GetAtt [Bucket, Name], !Ref BucketName]",
        "!GetAtt [Bucket, Name]",
        "condition-missing",
        "Trigger: It uses Bucket, which exists only if CreatesBucket is true.",
    ),
    "unused parameter": (
        "AllowedValues: [en, zh-Hans]",
        "AllowedValues: [en, zh-Hans]\n    Default: en\n  Speed:\n    Type: Number\n    Description: How fast.",
        "unused",
        "Parameters: Speed: Speed is never used.",
    ),
    "unused condition": (
        "Conditions:\n",
        "Conditions:\n  Never: !Equals [never, !Ref Detector]\n",
        "unused",
        "Conditions: Never: Never is never used.",
    ),
    "default of another type": (
        "    Default: 90\n",
        "    Default: '90'\n",
        "parameter-invalid",
        "Parameters: Timeout: '90' is not of type Number.",
    ),
    "default beyond its limits": (
        "    Default: 90\n",
        "    Default: 60\n",
        "parameter-invalid",
        "Parameters: Timeout.Default: 60 is outside the limits of the parameter, from 75 to 900.",
    ),
    "default that is no choice": (
        "    Default: imm\n",
        "    Default: ims\n",
        "parameter-invalid",
        "Parameters: Detector.Default: 'ims' is not one of imm, oss,",
    ),
    "default that does not fit": (
        "    Default: imagelabels\n",
        "    Default: Labels\n",
        "parameter-invalid",
        "Parameters: Name.Default: 'Labels' does not fit the pattern ^[a-z][a-z0-9-]{1,19}$.",
    ),
    "parameter of no type": (
        "    Type: Boolean\n",
        "    Type: Bool\n",
        "parameter-invalid",
        "Parameters: CreateBucket.Type: The type is unknown.",
    ),
    "limit misspelt": (
        "    MaxValue: 900\n",
        "    MaxVal: 900\n",
        "parameter-invalid",
        "Parameters: Timeout: It has the unknown attribute MaxVal.",
    ),
    "parameter without a description": (
        "    Description: The number of days for which logs are kept.\n",
        "",
        "parameter-unexplained",
        "Parameters: LogDays.Description: The description is missing.",
    ),
    "name given twice": (
        "      Handler: index.handler\n",
        "      Handler: index.handler\n      Handler: index.main\n",
        "not-readable",
        ": Handler appears twice: keep one.",
    ),
    "wildcard event": (
        PUT,
        "          - oss:ObjectCreated:*\n",
        "event-wildcard",
        "Trigger.TriggerConfig.events: oss:ObjectCreated:* is a wildcard.",
    ),
    "unknown event": (
        PUT,
        "          - oss:ObjectCreated:PutObjekt\n",
        "event-unknown",
        "Trigger.TriggerConfig.events: There is no oss:ObjectCreated:PutObjekt.",
    ),
    "event of a part": (
        PUT,
        PUT + "          - oss:ObjectCreated:UploadPart\n",
        "event-of-a-part",
        "Trigger.TriggerConfig.events: oss:ObjectCreated:UploadPart reports a part of an upload.",
    ),
    "event left out": (
        "          - oss:ObjectRemoved:DeleteObjects\n",
        "",
        "event-missing",
        "Trigger.TriggerConfig.events: oss:ObjectRemoved:DeleteObjects is missing.",
    ),
    "trigger of another region's bucket": (
        "'acs:oss:${ALIYUN::Region}:${ALIYUN::TenantId}:${Source}'",
        "'acs:oss:cn-beijing:${ALIYUN::TenantId}:${Source}'",
        "trigger-source",
        "Trigger.SourceArn: 'acs:oss:cn-beijing:1234567890123456:example' is not a bucket of the",
    ),
    "filter in the old spelling": (
        "            suffix: !Ref KeySuffix",
        "            Suffix: !Ref KeySuffix",
        "trigger-field",
        "Trigger.TriggerConfig.filter: The filter is not key with prefix and suffix.",
    ),
    "overlapping prefixes": (
        "Outputs:\n",
        SECOND_TRIGGER,
        "trigger-overlap",
        "Second.TriggerConfig: It overlaps with Trigger in",
    ),
    "missing permission on objects": (
        "              - oss:PutObjectTagging\n",
        "",
        "permission-missing",
        "Role: Nothing allows oss:PutObjectTagging on acs:oss:*:1234567890123456:example/any.jpg.",
    ),
    "missing permission on a table": (
        "instance/${InstanceName}/table/imagelabels_answers'",
        "instance/${InstanceName}/table/imagelabels_replies'",
        "permission-missing",
        "Role: Nothing allows ots:BatchWriteRow, ots:DeleteRow, ots:GetRow, ots:PutRow,",
    ),
    "missing permission of one detector": (
        "[oss:ProcessImm]",
        "[oss:GetObject]",
        "permission-missing",
        "Role (with Detector=oss): Nothing allows oss:ProcessImm on",
    ),
    "missing permission to keep failures": (
        "[mns:SendMessage]",
        "[mns:PublishMessage]",
        "permission-missing",
        "Role: Nothing allows mns:SendMessage on",
    ),
    "missing permission of the trigger": (
        "[fc:InvokeFunction]",
        "[fc:GetFunction]",
        "permission-missing",
        "TriggerRole: Nothing allows fc:InvokeFunction on",
    ),
    "permission on another bucket": (
        "${BucketName}/${KeyPrefix}*']\n          - Effect",
        "${CodeBucket}-photos/*']\n          - Effect",
        "permission-missing",
        "Role: Nothing allows oss:GetObject, oss:GetObjectTagging, oss:GetObjectVersion,",
    ),
    "permission that nothing needs": (
        "[imm:DetectImageLabels]",
        "[imm:DetectImageLabels, imm:DeleteProject]",
        "permission-unused",
        "ImmPermissions: Nothing calls imm:DeleteProject on",
    ),
    "wildcard permission": (
        "[ots:GetRow, ots:PutRow, ots:UpdateRow, ots:DeleteRow, ots:BatchWriteRow]",
        "['ots:*']",
        "permission-too-wide",
        "Permissions: ots:* allows more than is called.",
    ),
    "permission on everything": (
        "[!Sub 'acs:imm:${ALIYUN::Region}:${ALIYUN::TenantId}:project/${ImmProject}']",
        "['*']",
        "permission-too-wide",
        "ImmPermissions: imm:DetectImageLabels on * reaches resources of others.",
    ),
    "role that nobody is trusted with": (
        "[fc.aliyuncs.com]",
        "[ecs.aliyuncs.com]",
        "role-not-trusted",
        "Role.AssumeRolePolicyDocument: It does not trust fc.aliyuncs.com, which uses the role.",
    ),
    "environment name misspelt": (
        "IMAGELABELS_LANGUAGE",
        "IMAGELABELS_LANGAUGE",
        "setting-unknown",
        "Function.EnvironmentVariables.IMAGELABELS_LANGAUGE: IMAGELABELS_LANGAUGE is not a setting.",
    ),
    "environment value that the code refuses": (
        "[en, zh-Hans]",
        "[en, zh-Hant]",
        "setting-value",
        "Function.EnvironmentVariables (with Language=zh-Hant): The function would refuse its",
    ),
    "environment value that is no text": (
        "IMAGELABELS_LANGUAGE: !Ref Language",
        "IMAGELABELS_CONCURRENCY: 4\n        IMAGELABELS_LANGUAGE: !Ref Language",
        "setting-value",
        "Function.EnvironmentVariables.IMAGELABELS_CONCURRENCY: It is 4, and not a text.",
    ),
    "address that does not answer": (
        "        IMAGELABELS_ENDPOINT_TABLESTORE: !Sub 'https://${InstanceName}.${ALIYUN::Region}.ots.aliyuncs.com'\n",
        "",
        "index-out-of-reach",
        "Function.EnvironmentVariables.IMAGELABELS_ENDPOINT_TABLESTORE: It is missing, and without",
    ),
    "timeout below the lease": (
        "      Timeout: !Ref Timeout\n      Inter",
        "      Timeout: 60\n      Inter",
        "timeout-below-lease",
        "Function.Timeout: 60 s is less than twice a key's lease plus the detector's timeout.",
    ),
    "least timeout below the lease": (
        "    MinValue: 75\n",
        "    MinValue: 30\n",
        "timeout-below-lease",
        "Function.Timeout (with Timeout=30): 30 s is less than twice a key's lease plus the",
    ),
    "events that expire before the last delivery": (
        "    MinValue: 3600\n",
        "    MinValue: 120\n",
        "event-age",
        "Deliveries.MaxAsyncEventAgeInSeconds (with EventAge=120): 120 s is less than 4 deliveries",
    ),
    "failures handed out while worked on": (
        "VisibilityTimeout: !Ref Timeout",
        "VisibilityTimeout: 30",
        "failures-handed-out-twice",
        "Failures.VisibilityTimeout: 30 s is less than the function's timeout, 90 s.",
    ),
    "failures lost": (
        "/queues/${Failures.QueueName}/messages'\n\n",
        "/topics/${Failures.QueueName}/messages'\n\n",
        "failures-lost",
        "Deliveries.DestinationConfig.OnFailure: It names no queue of this template.",
    ),
    "failures cut": (
        "MaximumMessageSize: 65536",
        "MaximumMessageSize: 1024",
        "failures-too-large",
        "Failures.MaximumMessageSize: It is less than 65536, and failed events are kept whole.",
    ),
    "failures not asked for": (
        "      FunctionName: !GetAtt [Function, FunctionName]\n      MaxAsync",
        "      FunctionName: other\n      MaxAsync",
        "failures-lost",
        "Function: It has no AsyncInvokeConfig, so events whose last delivery failed would be lost.",
    ),
    "two events at once in one instance": (
        "      InternetAccess",
        "      InstanceConcurrency: 10\n      InternetAccess",
        "instance-concurrency",
        "Function.InstanceConcurrency: It is not 1, and an instance handles one event at a time.",
    ),
    "function with a role from elsewhere": (
        "Role: !GetAtt [Role, Arn]",
        "Role: acs:ram::1:role/admin",
        "role-missing",
        "Function.Role: It is not the Arn of a role of this template.",
    ),
    "trigger with a role from elsewhere": (
        "!GetAtt [TriggerRole, Arn]",
        "acs:ram::1:role/admin",
        "role-missing",
        "Trigger.InvocationRole: It is not the Arn of a role of this template.",
    ),
    "trigger of no function": (
        "      FunctionName: !GetAtt [Function, FunctionName]\n      TriggerName",
        "      FunctionName: other\n      TriggerName",
        "trigger-function",
        "Trigger.FunctionName: No function of this template has this name.",
    ),
    "unknown field of a trigger": (
        "      TriggerConfig:\n",
        "      TriggerConfig:\n        enable: true\n",
        "trigger-field",
        "Trigger.TriggerConfig: It has the unknown field enable.",
    ),
    "index left out": (
        "        IMAGELABELS_INDEX: !Sub 'tablestore://${InstanceName}'\n",
        "",
        "index-unset",
        "Function.EnvironmentVariables.IMAGELABELS_INDEX: It is missing, and the function needs an",
    ),
    "project left out": (
        "        IMAGELABELS_IMM_PROJECT: !Ref ImmProject\n",
        "",
        "imm-project",
        "Function.EnvironmentVariables.IMAGELABELS_IMM_PROJECT: It is missing or empty, and the",
    ),
    "attribute of a resource misspelt": (
        "    DeletionPolicy: Retain\n",
        "    DeletePolicy: Retain\n",
        "attribute-unknown",
        "Bucket: It has the unknown attribute DeletePolicy.",
    ),
    "no second delivery": (
        "    MinValue: 1\n    MaxValue: 8\n",
        "    MinValue: 0\n    MaxValue: 8\n",
        "retries",
        "Deliveries.MaxAsyncRetryAttempts (with RetryAttempts=0): It is 0, and a temporary failure",
    ),
    "library's variable misspelt": (
        "PYDANTIC_DISABLE_PLUGINS:",
        "PYDANTIC_DISABLE_PLUGIN:",
        "setting-unknown",
        "Function.EnvironmentVariables.PYDANTIC_DISABLE_PLUGIN: PYDANTIC_DISABLE_PLUGIN is not a",
    ),
    "less memory than the CPU needs": (
        "Cpu: !If [DetectsInFunction, 1, 0.5]",
        "Cpu: !If [DetectsInFunction, 1, 1]",
        "cpu-ratio",
        "Function.Cpu (with MemorySize=512): 1 vCPU with 512 MB is outside the ratio that Function",
    ),
    "more memory than the CPU takes": (
        "[512, 1024, 1536, 2048]",
        "[512, 1024, 1536, 4096]",
        "cpu-ratio",
        "Function.Cpu (with MemorySize=4096): 0.5 vCPU with 4096 MB is outside the ratio that",
    ),
    "odd memory": (
        "1536,",
        "1500,",
        "cpu-ratio",
        "Function.MemorySize (with MemorySize=1500): 1500 is not a multiple of 64.",
    ),
    "odd CPU": (
        "Cpu: !If [DetectsInFunction, 1, 0.5]",
        "Cpu: !If [DetectsInFunction, 1, 0.33]",
        "cpu-ratio",
        "Function.Cpu: 0.33 is not a multiple of 0.05.",
    ),
    "memory without a CPU": (
        "      Cpu: !If [DetectsInFunction, 1, 0.5]\n",
        "      Tags: !If [DetectsInFunction, [], []]\n",
        "cpu-ratio",
        "Function: It lacks Cpu or MemorySize, and Function Compute refuses most pairs of them.",
    ),
    "more layers than a function takes": (
        "Layers: [!GetAtt [Layer, LayerVersionArn]]",
        "Layers: [!GetAtt [Layer, LayerVersionArn], a, b, c, d, e]",
        "too-many-layers",
        "Function.Layers: It has 6 layers, and a function takes at most 5.",
    ),
    "runtime of no package": (
        "AllowedValues: [python3.10, python3.12]",
        "AllowedValues: [python3.10, python3.9]",
        "runtime-unsupported",
        "Function.Runtime (with Runtime=python3.9): No package is made for python3.9.",
    ),
    "layer for another runtime": (
        "CompatibleRuntime: [!Ref Runtime]",
        "CompatibleRuntime: [python3.10]",
        "layer-runtime",
        "Layer.CompatibleRuntime (with Runtime=python3.12): The function runs on python3.12, and",
    ),
    "limit of instances for another function": (
        "      FunctionName: !GetAtt [Function, FunctionName]\n      Reserved",
        "      FunctionName: other\n      Reserved",
        "instances-unlimited",
        "Function: It has no ConcurrencyConfig, so a backlog could take all instances of the",
    ),
    "no instance at all": (
        "    MinValue: 1\n    MaxValue: 300\n",
        "    MinValue: 0\n    MaxValue: 300\n",
        "no-instance",
        "Instances.ReservedConcurrency (with MaxInstances=0): It is less than 1.",
    ),
    "limit of instances misspelt": (
        "ReservedConcurrency: !Ref",
        "ReservedConcurency: !Ref",
        "field-unknown",
        "Instances.ReservedConcurency: There is no such property.",
    ),
    "index of a field with an unknown type": (
        "{Name: paid_calls, Type: long}",
        "{Name: paid_calls, Type: integer}",
        "field-value",
        "LogIndex.KeyIndices[0].JsonKeyIndices[10].Type: 'integer' is not allowed.",
    ),
}
"""The faults by name: the text of the template, the text that replaces it, the check that finds it, and its words."""

WARNINGS: dict[str, tuple[str, str, str, str]] = {
    "runtime that some regions do not have": (
        "    Default: python3.10\n",
        "    Default: python3.12\n",
        "runtime-preview",
        "Function.Runtime: python3.12 is in public preview, and these regions do not have it:",
    ),
}
"""These choices work in some regions only. They have the same form as the faults."""
