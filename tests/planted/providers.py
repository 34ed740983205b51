"""Faults in the providers: OSS and its events, the SQLite ledger and search, the embedded detector."""

from tests.planted import fault, pictures, quality, search, tencent

EVENTS = "aliyun/events.py"
NOTIFICATIONS = "domain/notifications.py"
OBJECTS = "aliyun/objects.py"
PROCESSING = "aliyun/processing.py"
OSS = "aliyun/detector_oss.py"
CLIENT = "aliyun/client.py"
FAILURES = "aliyun/failures.py"
LEDGER = "embedded/ledger.py"
ROWS = "domain/rows.py"
ARTIFACT = "embedded/artifact.py"
WEIGHTS = "embedded/weights.py"
DETECTOR = "embedded/detector.py"
TREE = "embedded/tree.py"
DECODE = "embedded/decode.py"
BOUNDS = "embedded/bounds.py"

FAULTS = [
    *quality.FAULTS,
    *pictures.FAULTS,
    *tencent.FAULTS,
    *search.FAULTS,
    fault(
        "event_key_unquoted",
        EVENTS,
        "aliyun::test_a_sample_names_the_objects_that_came_and_went_and_nothing_else",
        ('ObjectRef("oss", bucket, key)', 'ObjectRef("oss", bucket, key.replace("+", " "))'),
    ),
    fault(
        "event_of_another_kind_believed",
        NOTIFICATIONS,
        "aliyun::test_an_event_of_a_kind_not_known_yet_is_left_out",
        ('return None if len(parts) > 1 else "created"', 'return "created"'),
    ),
    fault(
        "star_of_a_family_not_understood",
        NOTIFICATIONS,
        "aliyun::test_a_sample_names_the_objects_that_came_and_went_and_nothing_else",
        ('(":".join(parts), *parts[:1])', '(":".join(parts),)'),
    ),
    fault(
        "records_without_limit",
        NOTIFICATIONS,
        "test_an_event_of_too_many_records_is_one_clear_refusal_and_costs_no_more_memory",
        ("if len(records) > MAX_RECORDS:", "if False:"),
    ),
    fault(
        "part_of_an_upload_believed",
        EVENTS,
        "aliyun::test_a_sample_names_the_objects_that_came_and_went_and_nothing_else",
        ('    "objectcreated:uploadpart": None,\n', ""),
    ),
    fault(
        "bad_record_swallows_the_others",
        NOTIFICATIONS,
        "aliyun::test_a_broken_event_is_told_by_the_field_that_is_wrong",
        ("            wrong.append(bad)\n", "            return [], [bad]\n"),
    ),
    fault(
        "thr_not_sent",
        OSS,
        "aliyun::test_the_service_is_asked_at_the_floor_for_exactly_the_object_seen",
        ('f"{MODEL},thr_{self._threshold}", call', "MODEL, call"),
    ),
    fault(
        "if_match_dropped_from_detect",
        PROCESSING,
        "aliyun::test_a_picture_that_was_replaced_is_not_labelled_as_the_old_one",
        ("""headers={"If-Match": f'"{head.etag}"'}""", "headers={}"),
    ),
    fault(
        "if_match_dropped_from_read",
        OBJECTS,
        "contract::test_bytes_of_another_object_than_the_one_seen_are_never_read",
        ("""headers={"If-Match": f'"{head.etag}"'}""", "headers={}"),
    ),
    fault(
        "read_range_off_by_one",
        OBJECTS,
        "aliyun::test_a_read_asks_for_exactly_the_bytes_and_the_object_that_were_seen",
        ("byte_range=(start, start + length - 1)", "byte_range=(start, start + length)"),
    ),
    fault(
        "ignored_range_believed",
        OBJECTS,
        "aliyun::test_a_range_that_was_ignored_is_not_taken_for_the_bytes_asked_for",
        ("if result.status != 206 and length != head.size:", "if False:"),
        ("if len(data) != length:", "if len(data) < length:"),
    ),
    fault(
        "short_read_believed",
        OBJECTS,
        "aliyun::test_an_answer_that_is_not_as_long_as_asked_for_is_not_handed_on",
        ("if len(data) != length:", "if False:"),
    ),
    fault(
        "held_up_and_sent",
        OBJECTS,
        "aliyun::test_a_process_held_up_between_clock_and_signature_sends_nothing",
        ("if _stamp(url) + seconds <= end:", "if True:"),
    ),
    fault(
        "signed_to_the_lease_end",
        OBJECTS,
        "aliyun::test_a_tag_write_is_one_signed_url_that_dies_in_time",
        ("for end in (before, until):", "for end in (until,):"),
    ),
    fault(
        "restored_object_archived",
        OBJECTS,
        "aliyun::test_only_bytes_that_cannot_be_read_without_restoring_are_archived",
        (" in _COLD and not restored", " in _COLD"),
    ),
    fault(
        "list_ends_after_a_page",
        OBJECTS,
        "aliyun::test_a_list_goes_on_to_its_last_page",
        ("if not page.is_truncated:", "if True:"),
    ),
    fault(
        "redirected_write_repeated",
        CLIENT,
        "aliyun::test_a_tag_write_does_not_follow_a_redirect",
        ("self._session.session.max_redirects = 0", "self._session.session.max_redirects = 9"),
    ),
    fault(
        "signed_url_logged",
        CLIENT,
        "aliyun::test_no_token_signature_or_secret_in_a_log_or_a_traceback",
        ("return not any(", "return True or any("),
    ),
    fault(
        "authorization_logged",
        CLIENT,
        "aliyun::test_no_token_signature_or_secret_in_a_log_or_a_traceback",
        ('logging.getLogger("oss2").setLevel(logging.WARNING)', 'logging.getLogger("oss2").setLevel(logging.DEBUG)'),
    ),
    fault(
        "token_in_an_error",
        FAILURES,
        "aliyun::test_no_token_signature_or_secret_in_a_log_or_a_traceback",
        ("        _strip(error, call)\n", ""),
    ),
    fault(
        "tags_refused_retried",
        FAILURES,
        "aliyun::test_tags_that_the_store_refuses_are_refused",
        ("        return calls.TAGS_REFUSED\n", "        return calls.STORE\n"),
    ),
    fault(
        "lock_margin_ignored",
        LEDGER,
        "contract::test_a_lease_that_ended_less_than_the_margin_ago_is_not_stolen",
        ("rows.milliseconds(now - MARGIN)", "rows.milliseconds(now)"),
    ),
    fault(
        "anybody_releases",
        LEDGER,
        "contract::test_a_release_by_somebody_else_frees_nothing",
        (
            "SELECT id FROM images WHERE pk = ? AND lock = ?",
            "SELECT id FROM images WHERE pk = ? AND ? IS NOT NULL",
        ),
    ),
    fault(
        "kept_answer_claimed_again",
        LEDGER,
        "contract::test_a_kept_answer_reads_back_whole_for_everybody_and_for_ever",
        (
            "WHERE {_CLAIMED} AND (owner = :nonce OR until < :now)",
            "WHERE owner = :nonce OR coalesce(until, 0) < :now",
        ),
    ),
    fault(
        "answer_stored_without_claim",
        LEDGER,
        "contract::test_an_answer_without_a_claim_is_not_kept",
        (
            "WHERE answer_id = ? AND owner = ? AND state = 'calling'",
            "WHERE answer_id = ? AND ? != '' AND state = 'calling'",
        ),
    ),
    fault(
        "labels_of_a_dropped_row_left",
        LEDGER,
        "test_a_dropped_row_leaves_no_posting_for_the_row_that_gets_its_number",
        (
            '            postings.erase(connection, image)\n            connection.execute("DELETE FROM images',
            '            connection.execute("DELETE FROM images',
        ),
    ),
    fault(
        "waiting_left_on_a_finished_row",
        LEDGER,
        "contract::test_finishing_clears_what_an_earlier_delivery_left",
        ("{_FREE}, waiting = NULL, version", "{_FREE}, version"),
    ),
    fault(
        "parent_named_by_the_answer_lost",
        ROWS,
        "contract::test_what_the_answer_named_above_a_label_finds_its_row",
        ("(label.id, *record.ancestors.get(label.id, ()))", "(label.id,)"),
    ),
    fault(
        "model_hash_not_checked",
        ARTIFACT,
        "test_an_altered_model_is_not_used",
        ("if not self.holds(content):", "if False:"),
    ),
    fault(
        "unpickler_takes_any_name",
        WEIGHTS,
        "test_a_checkpoint_that_names_a_function_is_refused_and_the_function_does_not_run",
        (
            'raise BadWeights(f"the file asks for {module}.{name}, which no checkpoint of weights needs")',
            "return super().find_class(module, name)",
        ),
    ),
    fault(
        "temperature_left_out",
        DETECTOR,
        "test_confidences_are_those_that_the_temperature_was_fitted_for",
        ("logits[0].astype(np.float64) / temperature", "logits[0].astype(np.float64)"),
    ),
    fault(
        "child_surer_than_parent",
        TREE,
        "test_no_child_is_ever_surer_than_its_parent",
        ("for level in (3, 2)", "for level in (2, 3)"),
    ),
    fault(
        "picture_turned_wrong",
        DECODE,
        "test_a_picture_taken_with_the_camera_turned_is_seen_upright",
        ("6: Image.Transpose.ROTATE_270", "6: Image.Transpose.ROTATE_90"),
    ),
    fault(
        "bomb_decoded",
        BOUNDS,
        "test_what_must_be_decoded_whole_has_a_smaller_limit_than_what_shrinks_on_the_way",
        ("if width * height > MAX_WHOLE_PIXELS:", "if False:"),
    ),
]
