"""These checks ask whether a live account is as the function needs it. Those of a function's own are elsewhere."""

from __future__ import annotations

from imagelabels.deploy.checks.finding import error, warning

_NO_LABELS = "No picture is labelled."

COULD_NOT_LOOK = warning(
    "could-not-look",
    "A call that only the doctor makes was refused, or got no answer.",
    "What it would have shown is not known, so a fault may be hidden there.",
    "Do what the message says. If it says nothing, give the keys in the environment the permission, or look again "
    "later if the service was busy.",
)
CALL_REFUSED = error(
    "call-refused",
    "A call that the function makes too was refused, and not for a missing permission.",
    "The function makes the same call with the same settings, and pictures stay without labels.",
    "Correct the setting or the key that the message names.",
)
CLOCK_SKEW = warning(
    "clock-skew",
    "This machine's clock is more than a minute off the store's.",
    "Signatures are made with this clock. COS refuses those of a clock that is a minute ahead, and all stores refuse "
    "those that are 15 minutes off.",
    "Let this machine's clock follow a time server.",
)
CLOCK_REFUSED = error(
    "clock-refused",
    "This machine's clock is so far off that the store refuses its requests.",
    "Every call from this machine fails.",
    "Let this machine's clock follow a time server.",
)
BUCKET_UNKNOWN = error(
    "bucket-unknown",
    "There is no such bucket in the region that is set.",
    _NO_LABELS,
    "Correct the bucket's name or the region, or create the bucket.",
)
BUCKET_REGION = error(
    "bucket-region",
    "The bucket is in another region than the one that is set.",
    "A bucket starts only functions of its own region, and requests are signed for the region that is set.",
    "Set the bucket's region, and deploy the function there.",
)
BUCKET_VERSIONED = warning(
    "bucket-versioned",
    "The bucket keeps versions of its objects.",
    "Each version has tags of its own. Older versions keep those that they had, which are billed too, and the detector "
    "imm cannot name the version that it looks at.",
    "Nothing must be done. Give the role the permissions for versions too, and take another detector than imm where "
    "objects are overwritten often.",
)
# Unproven tags-of-locked-object: A store refuses new tags of an object that a retention policy protects.
# Why: no page says that tags are excepted from what is refused.
# Ask: PUT ?tagging of an object in a throwaway bucket with a retention policy (OSS ?worm, COS ?object-lock): status
#   and code.
BUCKET_LOCKED = error(
    "bucket-locked",
    "A retention policy or an object lock protects the bucket's objects.",
    "Until an object's time is over, the store refuses changes to it, and tags may be among these.",
    "Set IMAGELABELS_TAG_LIMIT=0 and use the index alone, or label the objects before they are locked.",
)
TAGS_ROUTE_DATASETS = warning(
    "tags-route-datasets",
    "The bucket's MetaQuery sorts objects into data sets by a tag under our prefix.",
    "Each label that we write or remove moves objects between data sets.",
    "Set IMAGELABELS_TAG_PREFIX to another prefix. The rule of MetaQuery cannot be changed while it is open.",
)
NO_ROOM_FOR_TAGS = warning(
    "no-room-for-tags",
    "Objects have so many tags of their own that fewer than IMAGELABELS_TAG_LIMIT of ours fit.",
    "Such objects get fewer tags, or none. Their labels are in the index all the same.",
    "Remove tags from these objects, or set a lower IMAGELABELS_TAG_LIMIT.",
)
FOREIGN_TAGS = warning(
    "foreign-tags",
    "Objects have tags under our prefix that name no label.",
    "Rules and searches that take every tag under the prefix for a label are wrong about these objects.",
    "Set IMAGELABELS_TAG_PREFIX to a prefix that nobody else uses.",
)
ANOTHER_WRITER_OF_TAGS = warning(
    "another-writer-of-tags",
    "Objects have a label's tag with a value that the function never writes.",
    "Somebody else writes tags under our prefix. The function leaves these tags alone and does not write those labels, "
    "and where both write at the same moment one of them loses its tags.",
    "Set IMAGELABELS_TAG_PREFIX to a prefix that nobody else uses, or stop the other writer.",
)
TAGS_NOT_KEPT = error(
    "tags-not-kept",
    "An object that was tagged has other tags, or the store refused a tag of ours.",
    "Labels are in the index alone.",
    "Look for another writer of tags, and for a policy of the bucket that refuses them.",
)
PROBE_LEFT = warning(
    "probe-left",
    "An empty object that the doctor made may still be there.",
    "It does no harm.",
    "Remove it.",
)
INDEX_MISSING = error(
    "index-missing",
    "Tables of the index are not there.",
    "The function cannot store what it finds, and every event fails.",
    "Run `imagelabels index create`.",
)
INDEX_FOREIGN = error(
    "index-foreign",
    "Tables have our names and another primary key than ours.",
    "The function cannot store what it finds, and every event fails.",
    "Use an instance without tables of these names.",
)
SEARCH_INDEX_ABSENT = error(
    "search-index-absent",
    "The search index is not there.",
    "Pictures are labelled, and no search is answered.",
    "Run `imagelabels index create`.",
)
SEARCH_INDEX_BUILDING = warning(
    "search-index-building",
    "The search index is still being built.",
    "It knows a part of the rows, so searches are refused until it is ready.",
    "Wait until it is built, which takes longer the larger the table is.",
)
SEARCH_INDEX_OLD = error(
    "search-index-old",
    "The search index lacks fields.",
    "Searches are refused.",
    "Run `imagelabels index migrate`, which builds it again.",
)
ROWS_OLD = warning(
    "rows-old",
    "Rows were written by an older version.",
    "Searches miss what only newer rows hold.",
    "Run `imagelabels index migrate`.",
)
IMM_PROJECT_MISSING = error(
    "imm-project-missing",
    "There is no IMM project of that name in the region.",
    "The detector refuses every picture, and they are parked as detector_unbound.",
    "Correct IMAGELABELS_IMM_PROJECT, or create the project in the bucket's region.",
)
IMM_BINDING_MISSING = error(
    "imm-binding-missing",
    "The bucket is bound to no IMM project, which the detector oss needs.",
    "OSS refuses to label pictures, and they are parked as detector_unbound.",
    "Run `imagelabels attach`.",
)
CI_NOT_ENABLED = warning(
    "ci-not-enabled",
    "Cloud Infinite does not list the bucket among those with AI content recognition.",
    "The vendor's page on image tags demands that. If the detector refuses pictures for it, they are parked as "
    "detector_unbound. Its page on binding says that a bound bucket is enough.",
    "Bind the bucket to Cloud Infinite, and enable AI content recognition there.",
)
FUNCTION_ABSENT = error(
    "function-absent",
    "There is no function of that name in the region.",
    _NO_LABELS,
    "Deploy it with `imagelabels deploy`, or name the function that you have.",
)
FUNCTION_STOPPED = error(
    "function-stopped",
    "The platform says that the function cannot run.",
    _NO_LABELS,
    "Deploy it again. If the layer is named, pack it anew.",
)
FUNCTION_WITHOUT_LAYER = error(
    "function-without-layer",
    "The function has no layer.",
    "The packages that the code imports are missing, and the first event ends with an import error.",
    "Deploy the function with the layer that `imagelabels package` makes.",
)
SETTINGS_DIFFER = warning(
    "settings-differ",
    "The function has other settings than the environment in which the doctor looks.",
    "The doctor looked at another index, or judged tags and detector by other rules than the function's.",
    "Set the same values in the environment, and look again.",
)
ANOTHER_FUNCTION = warning(
    "another-function",
    "Another function is started by the same objects of the bucket.",
    "If it writes tags, one of the two can overwrite the other's. If it writes pictures below the same prefix, these "
    "are labelled and paid for too.",
    "Give the two functions different prefixes, or make sure that the other one writes elsewhere.",
)
TRIGGER_OFF = error(
    "trigger-off",
    "A trigger of the bucket is switched off.",
    "Its events do not reach the function.",
    "Switch the trigger on.",
)
TIMER_OFF = warning(
    "timer-off",
    "The timer that starts the function for pictures that stand still is switched off.",
    "A picture over the budget, or whose deliveries all failed, waits until somebody runs `imagelabels redrive`.",
    "Switch the timer on.",
)
TIMER_INTERVAL = warning(
    "timer-interval",
    "The timer starts a run before the former one may have ended, or less than once a day.",
    "Two runs at once try the same pictures, or pictures that stand still wait for long.",
    "Deploy again with a number of minutes that the deployment takes (TimerMinutes).",
)
TIMER_ROLE = warning(
    "timer-role",
    "The function for the timer has another role than the one that labels.",
    "What one of the two may do, the other may not: one parks pictures as forbidden, and the other labels them.",
    "Give both functions the same role, as the deployment does.",
)
TIMER_STOPPED = warning(
    "timer-stopped",
    "The platform says that the function for the timer cannot run.",
    "A picture over the budget, or whose deliveries all failed, waits until somebody runs `imagelabels redrive`.",
    "Deploy it again. If the layer is named, pack it anew.",
)
ALBUM_STOPPED = warning(
    "album-stopped",
    "The platform says that the function for the HTTP API cannot run.",
    "Whoever asks the API gets an error of the platform. Pictures are labelled all the same.",
    "Deploy it again. If the layer is named, pack it anew.",
)
ALBUM_SETTINGS = warning(
    "album-settings",
    "The function for the HTTP API has other settings than the one that labels.",
    "With another index or policy its answers lack pictures, or do not know the words that labels are shown by. If it "
    "takes corrections, it chooses other labels and tags than the function that labels.",
    "Deploy again, so that both functions get the same settings.",
)
ALBUM_ROLE = warning(
    "album-role",
    "The function for the HTTP API has the role of the function that labels.",
    "Everybody reaches the API, and its function may do more than it ever does.",
    "Give it a role of its own, as the deployment does. It may only read, unless it takes corrections.",
)
ALBUM_ADDRESS = warning(
    "album-address",
    "Clients cannot reach the function for the HTTP API.",
    "Nobody gets an answer from the API.",
    "Give the function an HTTP trigger or a function URL without authentication, open to the internet. The API itself "
    "lets in only who bears a token.",
)
WEBHOOKS_STOPPED = warning(
    "webhooks-stopped",
    "The platform says that the function for webhooks cannot run.",
    "No message of a webhook is sent, until somebody runs `imagelabels hook deliver`. Pictures are labelled all the "
    "same.",
    "Deploy it again. If the layer is named, pack it anew.",
)
WEBHOOKS_SETTINGS = warning(
    "webhooks-settings",
    "The function for webhooks has another index or another policy than the one that labels.",
    "Receivers are not told of pictures that were labelled, or questions of albums that have the policy's words cannot "
    "be asked.",
    "Deploy again, so that both functions get the same IMAGELABELS_INDEX and IMAGELABELS_POLICY.",
)

ALL = (
    COULD_NOT_LOOK,
    CALL_REFUSED,
    CLOCK_SKEW,
    CLOCK_REFUSED,
    BUCKET_UNKNOWN,
    BUCKET_REGION,
    BUCKET_VERSIONED,
    BUCKET_LOCKED,
    TAGS_ROUTE_DATASETS,
    NO_ROOM_FOR_TAGS,
    FOREIGN_TAGS,
    ANOTHER_WRITER_OF_TAGS,
    TAGS_NOT_KEPT,
    PROBE_LEFT,
    INDEX_MISSING,
    INDEX_FOREIGN,
    SEARCH_INDEX_ABSENT,
    SEARCH_INDEX_BUILDING,
    SEARCH_INDEX_OLD,
    ROWS_OLD,
    IMM_PROJECT_MISSING,
    IMM_BINDING_MISSING,
    CI_NOT_ENABLED,
    FUNCTION_ABSENT,
    FUNCTION_STOPPED,
    FUNCTION_WITHOUT_LAYER,
    SETTINGS_DIFFER,
    ANOTHER_FUNCTION,
    TRIGGER_OFF,
    TIMER_OFF,
    TIMER_INTERVAL,
    TIMER_ROLE,
    TIMER_STOPPED,
    ALBUM_STOPPED,
    ALBUM_SETTINGS,
    ALBUM_ROLE,
    ALBUM_ADDRESS,
    WEBHOOKS_STOPPED,
    WEBHOOKS_SETTINGS,
)
