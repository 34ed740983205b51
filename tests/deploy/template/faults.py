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
FAULTS: dict[str, tuple[str, str, str]] = {
    "unknown property": (
        "      MemorySize: !Ref",
        "      MemorySise: !Ref",
        "Function.MemorySise: .*did you mean MemorySize",
    ),
    "unknown property inside another": (
        "OssObjectName: !Ref CodeKey",
        "OssKey: !Ref CodeKey",
        "Function.Code.OssKey: ",
    ),
    "wrong type": ("InternetAccess: true", "InternetAccess: 'yes'", "Function.InternetAccess: must be a boolean"),
    "wrong type through a parameter": (
        "ShardCount: 1",
        "ShardCount: !Ref Name",
        "Logstore.ShardCount: must be a number, not 'imagelabels'",
    ),
    "missing required property": ("      Handler: index.handler\n", "", "Function: Handler is missing"),
    "value that the vendor does not know": (
        "SSD, HYBRID",
        "SSD, DISK",
        r"ClusterType: 'DISK' is not allowed.*ClusterType=DISK",
    ),
    "figure beyond the vendor's": (
        "    MaxValue: 8\n",
        "    MaxValue: 9\n",
        "MaxAsyncRetryAttempts: 9 is too large.*RetryAttempts=9",
    ),
    "text that does not fit": (
        "TableName: imagelabels_events",
        "TableName: imagelabels-events",
        "EventsTable.TableName: ",
    ),
    "unknown type": (
        "ALIYUN::FC3::Function",
        "ALIYUN::FC::Function",
        "Function.Type: .*did you mean ALIYUN::FC3::Function",
    ),
    "dangling Ref": ("!Ref LayerKey", "!Ref LayerKeys", "Layer.Properties.Code.OssObjectName: .*did you mean LayerKey"),
    "dangling GetAtt": (
        "!GetAtt [Role, Arn]",
        "!GetAtt [Role, ARN]",
        "Function.Properties.Role: Role has no attribute ARN",
    ),
    "dangling name in a text": ("'tablestore://${InstanceName}'", "'tablestore://${Instanz}'", "there is no Instanz"),
    "dangling DependsOn": ("[Permissions, LogIndex]", "[Permissions, Logs]", "Function.DependsOn: there is no Logs"),
    "use of what may be missing": (
        "!If [CreatesBucket, !GetAtt [Bucket, Name], !Ref BucketName]",
        "!GetAtt [Bucket, Name]",
        "Trigger: uses Bucket, which exists only if CreatesBucket",
    ),
    "unused parameter": (
        "AllowedValues: [en, zh-Hans]",
        "AllowedValues: [en, zh-Hans]\n    Default: en\n  Speed:\n    Type: Number\n    Description: How fast.",
        "Parameters: Speed is never used",
    ),
    "unused condition": (
        "Conditions:\n",
        "Conditions:\n  Never: !Equals [never, !Ref Detector]\n",
        "Conditions: Never is never used",
    ),
    "default of another type": (
        "    Default: 90\n",
        "    Default: '90'\n",
        "Parameters: Timeout: '90' is not of type Number",
    ),
    "default beyond its limits": (
        "    Default: 90\n",
        "    Default: 60\n",
        "Parameters: Timeout.Default: 60 is outside",
    ),
    "default that is no choice": ("    Default: imm\n", "    Default: ims\n", "Detector.Default: 'ims' is not one of"),
    "default that does not fit": (
        "    Default: imagelabels\n",
        "    Default: Labels\n",
        "Name.Default: 'Labels' does not fit",
    ),
    "parameter of no type": (
        "    Type: Boolean\n",
        "    Type: Bool\n",
        "Parameters: CreateBucket.Type: must be one of",
    ),
    "limit misspelt": ("    MaxValue: 900\n", "    MaxVal: 900\n", "Parameters: Timeout: unknown attribute MaxVal"),
    "parameter without a description": (
        "    Description: The number of days for which logs are kept.\n",
        "",
        "Parameters: LogDays.Description",
    ),
    "name given twice": (
        "      Handler: index.handler\n",
        "      Handler: index.handler\n      Handler: index.main\n",
        "Handler appears twice",
    ),
    "wildcard event": (PUT, "          - oss:ObjectCreated:*\n", r"events: oss:ObjectCreated:\* also reports parts"),
    "unknown event": (
        PUT,
        "          - oss:ObjectCreated:PutObjekt\n",
        "there is no oss:ObjectCreated:PutObjekt: did you mean oss:ObjectCreated:PutObject",
    ),
    "event of a part": (
        PUT,
        PUT + "          - oss:ObjectCreated:UploadPart\n",
        "UploadPart does not report that a whole object",
    ),
    "event left out": (
        "          - oss:ObjectRemoved:DeleteObjects\n",
        "",
        "oss:ObjectRemoved:DeleteObjects is missing",
    ),
    "trigger of another region's bucket": (
        "'acs:oss:${ALIYUN::Region}:${ALIYUN::TenantId}:${Source}'",
        "'acs:oss:cn-beijing:${ALIYUN::TenantId}:${Source}'",
        "Trigger.SourceArn: must be",
    ),
    "filter in the old spelling": (
        "            suffix: !Ref KeySuffix",
        "            Suffix: !Ref KeySuffix",
        "Trigger.TriggerConfig.filter: must be",
    ),
    "overlapping prefixes": ("Outputs:\n", SECOND_TRIGGER, "Second.TriggerConfig: overlaps with Trigger"),
    "missing permission on objects": (
        "              - oss:PutObjectTagging\n",
        "",
        "Role: nothing allows oss:PutObjectTagging on acs:oss:",
    ),
    "missing permission on a table": (
        "instance/${InstanceName}/table/imagelabels_answers'",
        "instance/${InstanceName}/table/imagelabels_replies'",
        "nothing allows ots:GetRow on .*imagelabels_answers",
    ),
    "missing permission of one detector": (
        "[oss:ProcessImm]",
        "[oss:GetObject]",
        r"Role: nothing allows oss:ProcessImm on .*\(with Detector=oss\)",
    ),
    "missing permission to keep failures": (
        "[mns:SendMessage]",
        "[mns:PublishMessage]",
        "Role: nothing allows mns:SendMessage",
    ),
    "missing permission of the trigger": (
        "[fc:InvokeFunction]",
        "[fc:GetFunction]",
        "TriggerRole: nothing allows fc:InvokeFunction",
    ),
    "permission on another bucket": (
        "${BucketName}/${KeyPrefix}*']\n          - Effect",
        "${CodeBucket}-photos/*']\n          - Effect",
        "nothing allows oss:GetObject on",
    ),
    "permission that nothing needs": (
        "[imm:DetectImageLabels]",
        "[imm:DetectImageLabels, imm:DeleteProject]",
        "ImmPermissions: imm:DeleteProject on .*never called",
    ),
    "wildcard permission": (
        "[ots:GetRow, ots:PutRow, ots:UpdateRow, ots:DeleteRow, ots:BatchWriteRow]",
        "['ots:*']",
        r"Permissions: ots:\* allows more than is called",
    ),
    "permission on everything": (
        "[!Sub 'acs:imm:${ALIYUN::Region}:${ALIYUN::TenantId}:project/${ImmProject}']",
        "['*']",
        r"ImmPermissions: imm:DetectImageLabels on \* reaches resources of others",
    ),
    "role that nobody is trusted with": ("[fc.aliyuncs.com]", "[ecs.aliyuncs.com]", "must trust fc.aliyuncs.com"),
    "environment name misspelt": (
        "IMAGELABELS_LANGUAGE",
        "IMAGELABELS_LANGAUGE",
        "IMAGELABELS_LANGAUGE: is not a setting: did you mean IMAGELABELS_LANGUAGE",
    ),
    "environment value that the code refuses": (
        "[en, zh-Hans]",
        "[en, zh-Hant]",
        r"IMAGELABELS_LANGUAGE.*\(with Language=zh-Hant\)",
    ),
    "environment value that is no text": (
        "IMAGELABELS_LANGUAGE: !Ref Language",
        "IMAGELABELS_CONCURRENCY: 4\n        IMAGELABELS_LANGUAGE: !Ref Language",
        "IMAGELABELS_CONCURRENCY: must be a text",
    ),
    "address that does not answer": (
        "        IMAGELABELS_ENDPOINT_TABLESTORE: !Sub 'https://${InstanceName}.${ALIYUN::Region}.ots.aliyuncs.com'\n",
        "",
        "IMAGELABELS_ENDPOINT_TABLESTORE: is missing",
    ),
    "timeout below the lease": (
        "      Timeout: !Ref Timeout\n      Inter",
        "      Timeout: 60\n      Inter",
        "Function.Timeout: 60 s is less than twice",
    ),
    "least timeout below the lease": (
        "    MinValue: 75\n",
        "    MinValue: 30\n",
        r"Function.Timeout: 30 s .*\(with Timeout=30\)",
    ),
    "events that expire before the last delivery": (
        "    MinValue: 3600\n",
        "    MinValue: 120\n",
        "Deliveries.MaxAsyncEventAgeInSeconds: 120 s is less",
    ),
    "failures handed out while worked on": (
        "VisibilityTimeout: !Ref Timeout",
        "VisibilityTimeout: 30",
        "Failures.VisibilityTimeout: ",
    ),
    "failures lost": (
        "/queues/${Failures.QueueName}/messages'\n\n",
        "/topics/${Failures.QueueName}/messages'\n\n",
        "OnFailure: must name a queue",
    ),
    "failures cut": ("MaximumMessageSize: 65536", "MaximumMessageSize: 1024", "Failures.MaximumMessageSize: "),
    "failures not asked for": (
        "      FunctionName: !GetAtt [Function, FunctionName]\n      MaxAsync",
        "      FunctionName: other\n      MaxAsync",
        "Function: has no AsyncInvokeConfig",
    ),
    "two events at once in one instance": (
        "      InternetAccess",
        "      InstanceConcurrency: 10\n      InternetAccess",
        "Function.InstanceConcurrency: must be 1",
    ),
    "function with a role from elsewhere": (
        "Role: !GetAtt [Role, Arn]",
        "Role: acs:ram::1:role/admin",
        "Function.Role: must be the Arn of a role of this template",
    ),
    "trigger with a role from elsewhere": (
        "!GetAtt [TriggerRole, Arn]",
        "acs:ram::1:role/admin",
        "Trigger.InvocationRole: must be the Arn",
    ),
    "trigger of no function": (
        "      FunctionName: !GetAtt [Function, FunctionName]\n      TriggerName",
        "      FunctionName: other\n      TriggerName",
        "Trigger.FunctionName: no function",
    ),
    "unknown field of a trigger": (
        "      TriggerConfig:\n",
        "      TriggerConfig:\n        enable: true\n",
        "Trigger.TriggerConfig: unknown field enable",
    ),
    "index left out": (
        "        IMAGELABELS_INDEX: !Sub 'tablestore://${InstanceName}'\n",
        "",
        "IMAGELABELS_INDEX: is missing",
    ),
    "project left out": (
        "        IMAGELABELS_IMM_PROJECT: !Ref ImmProject\n",
        "",
        "IMAGELABELS_IMM_PROJECT: is missing",
    ),
    "attribute of a resource misspelt": (
        "    DeletionPolicy: Retain\n",
        "    DeletePolicy: Retain\n",
        "Bucket: unknown attribute DeletePolicy",
    ),
    "no second delivery": (
        "    MinValue: 1\n    MaxValue: 8\n",
        "    MinValue: 0\n    MaxValue: 8\n",
        r"MaxAsyncRetryAttempts: must be at least 1.*RetryAttempts=0",
    ),
    "library's variable misspelt": (
        "PYDANTIC_DISABLE_PLUGINS:",
        "PYDANTIC_DISABLE_PLUGIN:",
        "PYDANTIC_DISABLE_PLUGIN: is not a setting: did you mean PYDANTIC_DISABLE_PLUGINS",
    ),
    "less memory than the CPU needs": (
        "Cpu: !If [DetectsInFunction, 1, 0.5]",
        "Cpu: !If [DetectsInFunction, 1, 1]",
        r"Function.Cpu: 1 vCPU with 512 MB is outside the ratio.*give it 1024 to 4096 MB.*\(with MemorySize=512\)",
    ),
    "more memory than the CPU takes": (
        "[512, 1024, 1536, 2048]",
        "[512, 1024, 1536, 4096]",
        r"Function.Cpu: 0.5 vCPU with 4096 MB is outside the ratio.*\(with MemorySize=4096\)",
    ),
    "odd memory": ("1536,", "1500,", "Function.MemorySize: 1500 is not a multiple of 64"),
    "odd CPU": (
        "Cpu: !If [DetectsInFunction, 1, 0.5]",
        "Cpu: !If [DetectsInFunction, 1, 0.33]",
        "Function.Cpu: 0.33 is not a multiple of 0.05",
    ),
    "memory without a CPU": (
        "      Cpu: !If [DetectsInFunction, 1, 0.5]\n",
        "      Tags: !If [DetectsInFunction, [], []]\n",
        "Function: give both Cpu and MemorySize",
    ),
    "more layers than a function takes": (
        "Layers: [!GetAtt [Layer, LayerVersionArn]]",
        "Layers: [!GetAtt [Layer, LayerVersionArn], a, b, c, d, e]",
        "Function.Layers: has 6 layers: a function takes at most 5",
    ),
    "runtime of no package": (
        "AllowedValues: [python3.10, python3.12]",
        "AllowedValues: [python3.10, python3.9]",
        r"Function.Runtime: no package is made for python3.9.*\(with Runtime=python3.9\)",
    ),
    "layer for another runtime": (
        "CompatibleRuntime: [!Ref Runtime]",
        "CompatibleRuntime: [python3.10]",
        r"Layer.CompatibleRuntime: the function runs on python3.12, and the layer only on python3.10",
    ),
    "limit of instances for another function": (
        "      FunctionName: !GetAtt [Function, FunctionName]\n      Reserved",
        "      FunctionName: other\n      Reserved",
        "Function: has no ConcurrencyConfig: a backlog could take all instances",
    ),
    "no instance at all": (
        "    MinValue: 1\n    MaxValue: 300\n",
        "    MinValue: 0\n    MaxValue: 300\n",
        r"Instances.ReservedConcurrency: must be at least 1.*MaxInstances=0",
    ),
    "limit of instances misspelt": (
        "ReservedConcurrency: !Ref",
        "ReservedConcurency: !Ref",
        "Instances.ReservedConcurency: .*did you mean ReservedConcurrency",
    ),
    "index of a field with an unknown type": (
        "{Name: paid_calls, Type: long}",
        "{Name: paid_calls, Type: integer}",
        r"LogIndex.KeyIndices\[0\].JsonKeyIndices\[10\].Type: 'integer' is not allowed",
    ),
}
"""The faults by name: the text of the template, the text that replaces it, and a pattern of the expected message."""

WARNINGS: dict[str, tuple[str, str, str]] = {
    "runtime that some regions do not have": (
        "    Default: python3.10\n",
        "    Default: python3.12\n",
        "Function.Runtime: python3.12 is in public preview.*Singapore, Jakarta, Kuala Lumpur",
    ),
}
"""These choices work in some regions only. They have the same form as the faults."""
