"""Faults in the Tencent twin: what its SDK and its answers mislead into, COS, its events and labels.

The traps are those in which the vendor's pages, its SDK and its service differ; each has its handling taken away.
"""

from tests.planted import fault

CLIENT = "tencent/client.py"
DETECTOR = "tencent/detector_ci.py"
EVENTS = "tencent/events.py"
FAILURES = "tencent/failures.py"
OBJECTS = "tencent/objects.py"
FUNCTION = "tencent_label/index.py"

SAMPLES = "tencent::test_a_sample_names_the_objects_that_came_and_went_and_nothing_else"

FAULTS = [
    fault(
        "trap_1_scenes_not_sent",
        DETECTOR,
        "tencent::test_the_service_is_asked_by_scene_for_exactly_the_object_seen",
        ('bucket.ask("GET", key, self._asked, {', 'bucket.ask("GET", key, {"ci-process": MODEL}, {'),
    ),
    fault(
        "trap_1_flat_answer_not_read",
        DETECTOR,
        "tencent::test_an_answer_is_read_in_whatever_shape_it_comes",
        ('        if _tag(part) == "Labels":\n            yield part\n        elif ', "        if "),
    ),
    fault(
        "trap_2_one_label_is_no_list",
        DETECTOR,
        "tencent::test_an_answer_is_read_in_whatever_shape_it_comes",
        (
            'yield from (entry for entry in part if _tag(entry) == "Labels")',
            'yield from (entry for entry in part if _tag(entry) == "Labels" and len(part) > 1)',
        ),
    ),
    fault(
        "trap_2_no_label_is_a_failure",
        DETECTOR,
        "tencent::test_a_picture_that_shows_nothing_known_has_no_labels_and_is_no_failure",
        (
            "        return tuple(sorted(best",
            '        if not best:\n            raise ValueError("None")\n        return tuple(sorted(best',
        ),
    ),
    fault(
        "trap_3_only_one_content_type_read",
        DETECTOR,
        "tencent::test_an_answer_is_read_whatever_its_content_type",
        (
            'raw = answer.content.decode("utf-8")',
            'typed = answer.headers.get("Content-Type") == "application/xml" and "Content-Length" in answer.headers\n'
            '            raw = answer.content.decode("utf-8") if typed else "<RecognitionResult/>"',
        ),
    ),
    fault(
        "trap_4_error_without_resource_unknown",
        CLIENT,
        "tencent::test_an_error_that_misses_a_field_still_tells_the_others",
        (
            '    kept = {name: fields.get(name, "") for',
            '    whole = all(fields.get(name) for name in ("code", "message", "resource", "requestid"))\n'
            '    kept = {name: fields.get(name, "") if whole else "Unknown" for',
        ),
    ),
    fault(
        "trap_5_no_tags_is_a_failure",
        OBJECTS,
        "tencent::test_tags_are_read_one_many_empty_or_none",
        (
            'tags = ElementTree.fromstring(answer.content).iterfind("{*}TagSet/{*}Tag")',
            'tags = ElementTree.fromstring(answer.content).findall("{*}TagSet/{*}Tag")\n'
            '            if not tags:\n                raise ValueError("None")',
        ),
    ),
    fault(
        "trap_5_bare_tag_has_no_value",
        OBJECTS,
        "tencent::test_tags_are_read_one_many_empty_or_none",
        ('_text(tag, "Key"): _text(tag, "Value")', '_text(tag, "Key"): tag.find("{*}Value").text'),
    ),
    fault(
        "trap_6_prefix_left_on_the_key",
        EVENTS,
        SAMPLES,
        ("named.removeprefix(prefix) if named.startswith(prefix) else ", ""),
    ),
    fault(
        "trap_6_only_one_reading_of_a_key",
        EVENTS,
        "tencent::test_a_key_that_may_be_encoded_has_its_other_reading_beside_it",
        ("decoded = notifications.decoded(ref)", "decoded = None"),
    ),
    fault(
        "cos_key_prefix_cut_twice",
        EVENTS,
        SAMPLES,
        ("named.removeprefix(prefix) if", "named.removeprefix(prefix).removeprefix(prefix[1:]) if"),
    ),
    fault(
        "cos_key_unquoted",
        EVENTS,
        SAMPLES,
        ("import urlsplit", "import unquote_plus, urlsplit"),
        ("_key(appid, name, named)", "unquote_plus(_key(appid, name, named))"),
    ),
    fault(
        "cos_seconds_taken_for_milliseconds",
        EVENTS,
        "tencent::test_the_hints_of_a_record_are_read_in_its_own_units",
        ("fromtimestamp(seconds or -1,", "fromtimestamp((seconds or -1) / 1000,"),
    ),
    fault(
        "scf_milliseconds_taken_for_seconds",
        FUNCTION,
        "test_the_moment_at_which_the_platform_kills_us_is_reckoned_in_its_milliseconds",
        ('context["time_limit_in_ms"] / 1000', 'context["time_limit_in_ms"]'),
    ),
    fault("cos_removal_misspelt", EVENTS, SAMPLES, ('"objectremove":', '"objectremoved":')),
    fault(
        "bad_cos_record_swallows_the_others",
        EVENTS,
        "tencent::test_one_bad_record_in_the_middle_of_128_kilobytes_costs_only_itself",
        ("    return good, wrong, regions", "    return ([] if wrong else good), wrong, regions"),
    ),
    fault(
        "region_of_the_short_code",
        EVENTS,
        "tencent::test_a_region_is_one_that_an_address_can_be_made_of_and_never_a_short_code",
        ('"[a-z]{2,}(-[a-z]+)+(-', '"[a-z]{2,}(-[a-z]+)*(-'),
    ),
    fault(
        "cos_signature_outlives_the_lease",
        OBJECTS,
        "tencent::test_a_tag_write_is_one_request_that_dies_in_time",
        ("data=_tagging(tags), authorization=authorization)", "data=_tagging(tags))"),
    ),
    fault(
        "cos_signature_end_believed",
        OBJECTS,
        "tencent::test_a_process_held_up_between_clock_and_signature_sends_nothing",
        (r'if int(re.findall(r"q-sign-time=\d+;(\d+)", signed)[0]) <= end:', "if signed:"),
    ),
    fault(
        "cos_sdk_sends_again",
        CLIENT,
        "tencent::test_a_call_that_fails_is_not_sent_again",
        ("retry=0, ", "retry=1, "),
    ),
    fault(
        "cos_token_not_sent",
        CLIENT,
        "tencent::test_each_request_takes_the_keys_of_its_moment",
        ("            Token=keys.token,\n", ""),
    ),
    fault(
        "cos_token_baked_in",
        CLIENT,
        "tencent::test_each_request_takes_the_keys_of_its_moment",
        ("self._credentials, self._timeout = credentials,", "self._keys, self._timeout = credentials.keys,"),
        ("keys = self._credentials.keys", "keys = self._keys"),
    ),
    fault(
        "cos_null_version_named",
        OBJECTS,
        "tencent::test_only_a_version_that_can_be_addressed_is_one",
        ('version=version if version != "null" else None', "version=version"),
    ),
    fault(
        "cos_missing_object_is_a_failure",
        OBJECTS,
        "tencent::test_a_missing_object_or_bucket_still_tells_the_stores_time",
        ("_MISSING = (404, 405)", "_MISSING = (405,)"),
    ),
    fault(
        "cos_expired_keys_a_missing_permission",
        OBJECTS,
        "tencent::test_keys_that_end_during_an_invocation_are_no_missing_permission",
        ("if error.get_status_code() not in REFUSALS:", "if True:"),
    ),
    fault(
        "head_of_a_tag_write_before_its_body",
        "kit/session.py",
        "test_no_head_leaves_before_its_body_for_a_store_to_check_and_wait",
        ("self._held += data", "super().send(data)"),
    ),
    fault(
        "cos_read_whatever_is_there",
        OBJECTS,
        "tencent::test_a_read_asks_for_exactly_the_bytes_and_the_object_that_were_seen",
        (""", "If-Match": f'"{head.etag}"'}""", "}"),
    ),
    fault(
        "ci_labels_whatever_is_there",
        DETECTOR,
        "tencent::test_the_service_is_asked_by_scene_for_exactly_the_object_seen",
        (""", {"If-Match": f'"{head.etag}"'})""", ")"),
    ),
    fault(
        "cos_503_not_throttled",
        FAILURES,
        "tencent::test_a_failure_of_the_store_is_what_it_means",
        ("503: calls.THROTTLED", "503: calls.STORE"),
    ),
    fault(
        "ci_confidence_of_a_hundred",
        DETECTOR,
        "tencent::test_the_vendors_sample_becomes_one_tree_in_which_a_category_is_as_sure_as_its_surest_label",
        ("value = float(text) / 100", "value = float(text)"),
        ("if not 0 <= value <= 1:", "if not 0 <= value <= 100:"),
    ),
    fault(
        "ci_category_as_sure_as_its_first",
        DETECTOR,
        "tencent::test_the_vendors_sample_becomes_one_tree_in_which_a_category_is_as_sure_as_its_surest_label",
        (" or label.confidence > best[label.id].confidence", ""),
    ),
    fault(
        "ci_other_kept",
        DETECTOR,
        "tencent::test_categories_that_say_nothing_are_dropped_and_levels_go_by_position",
        ('frozenset({"", "其他", "其它", "other", "none"})', 'frozenset({""})'),
    ),
    fault(
        "ci_equal_neighbours_kept",
        DETECTOR,
        "tencent::test_categories_that_say_nothing_are_dropped_and_levels_go_by_position",
        (" and id != above:", ":"),
    ),
    fault(
        "ci_scene_ignored",
        DETECTOR,
        "tencent::test_the_service_is_asked_by_scene_for_exactly_the_object_seen",
        ('"scenes": ",".join(scenes)', '"scenes": "web"'),
    ),
    fault(
        "ci_large_picture_as_it_is",
        DETECTOR,
        "tencent::test_a_picture_above_the_limit_is_shown_as_a_thumbnail_of_the_same_version",
        ("head.size > MOST_BYTES\n", "head.size > MOST_BYTES_TO_SHRINK\n"),
    ),
    fault(
        "ci_default_threshold_of_another",
        DETECTOR,
        "tencent::test_by_default_the_vendors_sample_is_labelled_with_what_it_shows",
        ("default_threshold = 0.3", "default_threshold = 0.7"),
    ),
    fault(
        "ci_thumbnail_url_logged",
        CLIENT,
        "tencent::test_no_token_signature_or_secret_in_a_log_or_a_traceback",
        ('in ("q-signature", "x-cos-security-token")', "in ()"),
    ),
    fault(
        "ci_thumbnail_url_in_the_error",
        FAILURES,
        "tencent::test_the_url_shown_to_a_detector_that_is_not_there_is_nowhere_in_its_error",
        ("if call.signed_url or found is calls.UNSENDABLE:", "if call.fenced:"),
    ),
    fault(
        "detector_of_another_store_taken",
        "imagelabels/wiring.py",
        "test_a_detector_that_cannot_read_the_functions_store_is_refused_with_the_pairs_that_work",
        ("if chosen.reads not in (None, store.scheme):", "if False:"),
    ),
]
