"""Faults in the emulator's COS and in its Serverless Cloud Function: what the real ones refuse, or would not do."""

from tests.planted import fault

AUTH = "cos/auth.py"
LABELS = "cos/labels.py"
OBJECTS = "cos/objects.py"
WRITING = "cos/writing.py"
TAGGING = "cos/tagging.py"
SERVICE = "cos/service.py"
ERRORS = "cos/errors.py"
PICTURE = "cos/picture.py"
TRIGGERS = "scf/triggers.py"
PLATFORM = "scf/platform.py"

FAULTS = [
    fault(
        "cos_listed_header_not_needed",
        AUTH,
        "cos::test_a_signature_with_another_part_is_refused",
        (
            '    if missing:\n        raise Refusal("SignatureDoesNotMatch", f"{field} names',
            '    if False:\n        raise Refusal("SignatureDoesNotMatch", f"{field} names',
        ),
        ("found[name] for name in names}", "found[name] for name in names if name in found}"),
    ),
    fault(
        "cos_signature_of_the_future",
        AUTH,
        "cos::test_a_signed_url_is_good_until_it_ends_and_not_before_it_begins",
        ("if self._clock() < int(form[1]):", "if False:"),
    ),
    fault(
        "cos_token_not_needed",
        AUTH,
        "cos::test_temporary_keys_bring_their_token_and_end",
        ("(key.token and not token)", "False"),
        ('if not hmac.compare_digest((key.token or "")', 'if token and not hmac.compare_digest((key.token or "")'),
    ),
    fault(
        "cos_expired_key_taken",
        AUTH,
        "cos::test_temporary_keys_bring_their_token_and_end",
        ("if key.expires is not None and key.expires <= self._clock():", "if False:"),
    ),
    fault(
        "cos_unbuilt_write_overwrites",
        SERVICE,
        "cos::test_a_url_for_an_upload_is_none_for_tags",
        (
            'given = {name.partition("/")[0] for name, _ in call.params} - EVERYWHERE',
            'given = {name for name, _ in call.params} & {"tagging"}',
        ),
    ),
    fault(
        "cos_error_without_resource",
        ERRORS,
        "cos::test_an_error_has_the_five_elements_without_which_the_sdk_cannot_read_it",
        ('        "Resource": resource,\n', ""),
    ),
    fault(
        "cos_etag_in_another_case",
        OBJECTS,
        "cos::test_headers_come_in_the_case_that_the_sdk_looks_for",
        (
            '        "ETag": f\'"{stored.etag}"\',\n        "Last-Modified"',
            '        "ETag": f\'"{stored.etag}"\',\n        "last-modified"',
        ),
    ),
    fault(
        "cos_copy_leaves_tags_behind",
        WRITING,
        "cos::test_a_copy_brings_bytes_headers_and_tags_and_is_an_event",
        ("if own_tags else source.tags", "if own_tags else {}"),
    ),
    fault(
        "cos_tag_lengths_in_characters",
        TAGGING,
        "cos::test_tags_beyond_the_limits_are_refused_and_none_is_written",
        ("len(key.encode()) <=", "len(key) <="),
        ("len(value.encode()) >", "len(value) >"),
    ),
    fault(
        "detect_url_of_any_scheme",
        LABELS,
        "cos::test_a_url_to_elsewhere_is_refused_and_nothing_is_asked_of_anybody",
        ('parts.scheme not in ("http", "https") or ', ""),
    ),
    fault(
        "detect_url_shown_in_the_error",
        LABELS,
        "cos::test_a_refused_url_is_not_shown_again_with_its_password",
        ('raise invalid("detect-url", "", f"The', 'raise invalid("detect-url", url, f"The'),
    ),
    fault(
        "thumbnail_not_asked_for_lifts_the_limit",
        LABELS,
        "cos::test_a_thumbnail_lifts_the_limit_on_bytes_up_to_that_on_pictures_to_be_shrunk",
        ("shrunk = any(name.startswith(THUMBNAIL) for name in call.query)", "shrunk = True"),
    ),
    fault(
        "small_picture_taken",
        LABELS,
        "cos::test_a_side_under_50_pixels_is_refused_in_every_format",
        ("0 < min(size) < SMALLEST_SIDE", "0 < max(size) < SMALLEST_SIDE"),
    ),
    fault(
        "jpeg_size_in_the_first_bytes_only",
        PICTURE,
        "cos::test_the_size_of_a_jpeg_is_found_behind_long_segments_and_never_read_past_the_end",
        ("if len(data) < 9 or", "if len(data) < 9 or at > 65536 or"),
    ),
    fault(
        "scf_key_encoded_unasked",
        TRIGGERS,
        "scf::test_event_has_the_vendors_shape_and_spelling",
        ("else change.key\n", "else encoded\n"),
    ),
    fault(
        "scf_removal_misspelt",
        TRIGGERS,
        "scf::test_rule_that_could_never_work_is_refused_by_name",
        ('"ObjectRemove": "* Delete', '"ObjectRemoved": "* Delete'),
    ),
    fault(
        "scf_credentials_in_the_context",
        PLATFORM,
        "scf::test_context_has_the_vendors_fields_and_no_credentials",
        ("own = {**function.environment, ", "own = {**function.environment, **self.credentials(key), "),
    ),
    fault(
        "scf_three_retries",
        PLATFORM,
        "scf::test_upload_is_an_event_and_what_fails_thrice_a_minute_apart_is_listed_as_a_dead_letter",
        ("retries = (60.0, 60.0)", "retries = (60.0, 60.0, 60.0)"),
    ),
    fault(
        "scf_event_in_bytes",
        PLATFORM,
        "scf::test_event_and_context_are_dicts_and_the_result_is_json",
        ("plain = True", "plain = False"),
    ),
    fault(
        "cos_emulator_signature_not_compared",
        AUTH,
        "tencent::test_keys_that_are_not_known_any_more_are_told_apart_from_a_wrong_secret",
        ('if hmac.compare_digest(ours.encode(), given["q-signature"].encode("utf-8", "surrogateescape")):', "if ours:"),
    ),
    fault(
        "cos_emulator_end_not_checked",
        AUTH,
        "tencent::test_a_tag_write_that_arrives_after_its_time_changes_nothing",
        ("if self._clock() > int(form[2]):", "if False:"),
    ),
    fault(
        "cos_emulator_sign_time_not_checked",
        AUTH,
        "cos::test_a_signature_with_another_part_is_refused",
        ('for name in ("q-key-time", "q-sign-time"):', 'for name in ("q-key-time",):'),
    ),
    fault(
        "detect_url_to_elsewhere",
        LABELS,
        "cos::test_a_url_to_elsewhere_is_refused_and_nothing_is_asked_of_anybody",
        (' or host[2].partition(":")[0] != here:', ":"),
    ),
    fault(
        "detect_url_not_verified",
        LABELS,
        "cos::test_a_url_is_as_good_as_its_signature",
        ("    context.gate.check(asked)\n", ""),
    ),
    fault(
        "eleven_cos_tags_taken",
        TAGGING,
        "contract::test_a_tag_too_many_is_refused_and_nothing_is_written",
        ("if len(pairs) > MOST:", "if len(pairs) > MOST + 1:"),
    ),
    fault(
        "detect_label_never_flat",
        LABELS,
        "cos::test_without_a_scene_labels_come_in_a_row",
        ('return document(xml.document("RecognitionResult", *found))', 'scenes = ["camera"]'),
    ),
]
