"""Faults in the ledger and the search index on Tablestore."""

# ruff: noqa: E501 - quotes code as it stands

from tests.planted import fault

LEDGER = "aliyun/ledger.py"
INDEX = "aliyun/label_index.py"
QUERY = "aliyun/label_query.py"
CLIENT = "aliyun/tablestore_client.py"
COLUMNS = "aliyun/image_columns.py"
SETUP = "aliyun/index_setup.py"
TABLES = "aliyun/tables.py"
FAILURES = "aliyun/failures_tablestore.py"

FAULTS = [
    fault(
        "tablestore_finish_without_the_lock",
        LEDGER,
        "contract::test_a_sleeper_whose_lock_was_taken_over_cannot_finish",
        (
            "self._end(key, token, entry, [self._update(key, put, gone, ours)], proof)",
            "self._end(key, token, entry, [self._update(key, put, gone, None)], proof)",
        ),
    ),
    fault(
        "tablestore_lock_without_margin",
        LEDGER,
        "contract::test_a_lease_that_ended_less_than_the_margin_ago_is_not_stolen",
        ("rows.milliseconds(now - MARGIN)", "rows.milliseconds(now)"),
    ),
    fault(
        "tablestore_lock_trusts_missing_rows",
        LEDGER,
        "aliyun::test_locks_and_budgets_hold_whatever_the_service_does_where_no_page_says_it",
        (" or self._instance.put(IMAGES, key, held)", ""),
    ),
    fault(
        "tablestore_release_forgets_the_trace",
        LEDGER,
        "contract::test_the_trace_of_a_delivery_that_gave_up_outlives_a_later_lock_and_release",
        ('every(ours, _UNFINISHED, missing("waiting"))', "every(ours, _UNFINISHED)"),
    ),
    fault(
        "tablestore_line_not_taken_back",
        LEDGER,
        "aliyun::test_a_line_of_history_whose_row_did_not_change_is_taken_back",
        ("            self._instance.delete(EVENTS, event)", "            pass"),
    ),
    fault(
        "tablestore_line_replaced_by_a_sleeper",
        LEDGER,
        "aliyun::test_a_late_line_of_the_same_event_does_not_replace_that_of_who_finished",
        ("hexdigest()[:32], token)", 'hexdigest()[:32], "")'),
        ("ots.PutRowItem(line, ots.Condition(NEW))", 'ots.PutRowItem(line, ots.Condition("IGNORE"))'),
    ),
    fault(
        "tablestore_dead_claim_for_two",
        LEDGER,
        "aliyun::test_a_dead_claim_goes_to_one_of_two_who_saw_it",
        ("mine, when=as_seen, row=EXISTS", "mine, row=EXISTS"),
    ),
    fault(
        "tablestore_lost_count_counted_again",
        LEDGER,
        "aliyun::test_a_call_that_may_have_been_counted_is_not_counted_again",
        ('add={"calls_all": 1}, twice=False)', 'add={"calls_all": 1})'),
    ),
    fault(
        "tablestore_old_columns_stay",
        LEDGER,
        "contract::test_a_later_finish_replaces_the_whole_row",
        ("gone = [*free, *(column for column in image_columns.RECORD if column not in put)]", "gone = free"),
    ),
    fault(
        "tablestore_retries_for_ever",
        CLIENT,
        "aliyun::test_throttling_on_every_call_ends_long_before_the_function_does",
        ("self._clock.monotonic() + self._patience", "self._clock.monotonic() + 60"),
    ),
    fault(
        "tablestore_batch_sent_whole_again",
        CLIENT,
        "aliyun::test_of_a_batch_only_the_rows_that_failed_are_sent_again",
        (
            "                if table not in held:\n                    request",
            "                if True:\n                    request",
        ),
    ),
    fault(
        "tablestore_headers_logged",
        CLIENT,
        "aliyun::test_no_secret_and_no_token_is_in_any_log_and_a_condition_that_fails_is_no_error",
        ("logging.getLogger(ots.OTSClient.DEFAULT_LOGGER_NAME).setLevel(logging.CRITICAL)", ""),
    ),
    fault(
        "tablestore_first_page_of_a_range_only",
        CLIENT,
        "aliyun::test_lines_of_history_beyond_one_answer_are_all_read",
        ("            start, found = self._page(", "            (_, found), start = self._page("),
        (", list(columns), when)", ", list(columns), when), None"),
    ),
    fault(
        "tablestore_confidence_of_another_label",
        QUERY,
        "contract::test_only_sure_labels_count_each_for_itself",
        (
            "self._conditions += [_nested(_meant(term)) for term in query.all_of if term.ids]",
            "self._conditions += [one for term in query.all_of if term.ids for one in (_nested(_meant(Term(term.ids))), _nested(_surer(term.least)))]",
        ),
    ),
    fault(
        "tablestore_ties_repeat_over_pages",
        QUERY,
        "contract::test_an_index_answers_as_a_plain_list_does",
        (
            'later = ots.RangeQuery("uri", sendable(place.uri), include_lower=False)',
            'later = ots.RangeQuery("uri", sendable(place.uri))',
        ),
    ),
    fault(
        "tablestore_order_by_any_label",
        QUERY,
        "contract::test_the_surest_of_all_labels_that_matched_gives_the_order",
        ("ots.SortOrder.DESC, ots.SortMode.MAX, only)", "ots.SortOrder.DESC, ots.SortMode.MAX)"),
    ),
    fault(
        "tablestore_order_by_the_faintest_label",
        QUERY,
        "contract::test_an_index_answers_as_a_plain_list_does",
        ("ots.SortMode.MAX, only", "ots.SortMode.MIN, only"),
    ),
    fault(
        "tablestore_surest_on_the_next_page_again",
        QUERY,
        "contract::test_an_index_answers_as_a_plain_list_does",
        ("filter_queries=[as_sure, later], must_not_queries=[surer]", "filter_queries=[as_sure, later]"),
    ),
    fault(
        "tablestore_faintest_labels_kept",
        COLUMNS,
        "aliyun::test_of_300_labels_the_surest_256_are_found_and_all_are_read",
        ("key=lambda posting: (-posting[1], posting[0])", "key=lambda posting: (posting[1], posting[0])"),
    ),
    fault(
        "tablestore_record_too_long",
        COLUMNS,
        "aliyun::test_a_record_beyond_a_columns_limit_keeps_its_first_labels",
        ('        "record": _fitting(record),', '        "record": rows.record_json(record),'),
    ),
    fault(
        "tablestore_long_ids_cut_alike",
        TABLES,
        "aliyun::test_a_label_name_of_4_kb_is_found_by_its_whole_id_alone",
        ("~{hashlib.sha256(octets).hexdigest()[:_HASH]}", ""),
    ),
    fault(
        "tablestore_half_built_index_answers",
        SETUP,
        "aliyun::test_a_search_index_that_is_being_built_or_lags_does_not_pretend_to_know_all_and_the_row_is_there_at_once",
        ("state.sync_phase == ots.SyncPhase.FULL", "state.sync_phase == -1"),
    ),
    fault(
        "tablestore_migration_overwrites_a_newer_row",
        SETUP,
        "aliyun::test_a_row_that_changes_during_a_migration_is_left_to_who_changes_it",
        ("put, gone, as_seen, EXISTS)", "put, gone, None, EXISTS)"),
    ),
    fault(
        "tablestore_clock_taken_for_a_wrong_key",
        FAILURES,
        "aliyun::test_an_answer_of_the_service_is_what_it_means",
        ('    ("x-ots-date", CLOCK),\n', ""),
    ),
]
