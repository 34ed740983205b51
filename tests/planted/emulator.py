"""Faults in the emulator: a store or a platform that lets through what the real one refuses."""

# ruff: noqa: E501 - quotes code as it stands

from tests.planted import fault

AUTH = "oss/auth.py"
CALL = "call.py"
PROCESS = "oss/process.py"
WRITING = "oss/writing.py"
UPLOADS = "uploads.py"
RANGES = "ranges.py"
SERVICE = "oss/service.py"
TAGGING = "oss/tagging.py"
CONDITIONS = "conditions.py"
SERVER = "emulator/server.py"
QUEUE = "functions/queue.py"
INSTANCE = "functions/instance.py"
RUNTIME = "functions/runtime.py"

FAULTS = [
    fault(
        "v1_signature_not_compared",
        AUTH,
        "oss::test_a_wrong_secret_is_refused",
        ("        _same(signing.v1_signature(key.secret, text), signature, key, text)\n", ""),
    ),
    fault(
        "v4_signature_not_compared",
        AUTH,
        "oss::test_a_wrong_secret_is_refused",
        ("        _same(signing.v4_signature(key.secret, scope, text), signature, key, text, request)\n", ""),
    ),
    fault(
        "v1_expiry_not_checked",
        AUTH,
        "oss::test_an_expired_url_is_refused_and_told_both_times",
        ('        self._not_after(int(expires), "0002-00000069")\n', ""),
    ),
    fault(
        "v4_expiry_not_checked",
        AUTH,
        "oss::test_an_expired_url_is_refused_and_told_both_times",
        ('        self._not_after(begins + int(lasts), "")\n', ""),
    ),
    fault(
        "expiry_a_quarter_late",
        AUTH,
        "oss::test_an_expired_url_is_refused_and_told_both_times",
        ("if now > expires:", "if now > expires + SKEW:"),
    ),
    fault(
        "url_from_the_future",
        AUTH,
        "oss::test_a_v4_url_from_the_future_is_refused",
        ("if begins - SKEW > self._clock():", "if False:"),
    ),
    fault(
        "old_date_believed",
        AUTH,
        "oss::test_a_date_more_than_a_quarter_of_an_hour_off_is_refused",
        ("if abs(now - date) > SKEW:", "if date - now > SKEW:"),
    ),
    fault(
        "token_not_compared",
        AUTH,
        "oss::test_a_temporary_key_with_another_token_is_refused",
        ('            raise Refusal("InvalidSecurityToken")\n', "            pass\n"),
    ),
    fault(
        "token_not_asked_for",
        AUTH,
        "oss::test_a_temporary_key_without_its_token_is_not_known",
        ("if bool(token) != bool(key.token):", "if token and not key.token:"),
        ("if key.token and not", "if token and not"),
    ),
    fault(
        "token_of_the_root_key",
        AUTH,
        "oss::test_the_root_key_with_a_token_is_not_known",
        ("if bool(token) != bool(key.token):", "if key.token and not token:"),
    ),
    fault(
        "expired_key_good",
        AUTH,
        "oss::test_an_expired_temporary_key_is_told_so_in_header_and_url",
        ("if key.expires is not None and key.expires <= self._clock():", "if False:"),
    ),
    fault(
        "signed_for_another_region",
        AUTH,
        "oss::test_v4_for_another_region_is_refused_and_told_the_right_one",
        ("return parts[1] != self._region", "return False"),
    ),
    fault(
        "scope_of_another_day",
        AUTH,
        "oss::test_a_v4_scope_that_is_not_ours_is_refused",
        ("if parts[0] != day:", "if False:"),
    ),
    fault(
        "additional_headers_unsigned",
        AUTH,
        "oss::test_v4_signs_the_additional_headers_it_names",
        ('additional.lower().split(";") if name)', 'additional.lower().split(";") if name == "host")'),
    ),
    fault(
        "key_unquoted_twice",
        CALL,
        "oss::test_an_odd_key_stays_the_key_it_is",
        (
            'unquote(path, errors="surrogateescape")',
            'unquote(unquote(path, errors="surrogateescape"), errors="surrogateescape")',
        ),
    ),
    fault(
        "thr_ignored",
        PROCESS,
        "oss::test_labels_below_the_threshold_are_left_out",
        ('label["LabelConfidence"] >= threshold', 'label["LabelConfidence"] >= 0'),
    ),
    fault(
        "largest_picture_refused",
        PROCESS,
        "oss::test_a_file_over_20_mb_is_refused_without_asking",
        ("if stored.size > LARGEST:", "if stored.size >= LARGEST:"),
    ),
    fault(
        "range_off_by_one",
        RANGES,
        "oss::test_a_range_is_answered_with_206",
        ("return start, end - start + 1", "return start, end - start"),
    ),
    fault(
        "if_match_ignored",
        CONDITIONS,
        "oss::test_conditions_are_honoured",
        ("if not _names(match, stored.etag):", "if False:"),
    ),
    fault(
        "head_error_without_its_reason",
        SERVICE,
        "oss::test_a_refused_head_says_why_in_its_header",
        (' | {"x-oss-err": errors.header_form(body)}', ""),
    ),
    fault(
        "crc_of_the_last_chunk",
        UPLOADS,
        "oss::test_a_large_body_streams_both_ways",
        ("crc = crc64.xz(chunk, crc)", "crc = crc64.xz(chunk)"),
    ),
    fault(
        "another_crc64",
        UPLOADS,
        "oss::test_what_put_says_of_the_bytes_is_true",
        ("crc = crc64.xz(chunk, crc)", "crc = crc64.ecma_182(chunk, crc)"),
    ),
    fault(
        "copy_loses_tags", WRITING, "oss::test_a_copy_carries_headers_and_tags_along", ("else source.tags", "else {}")
    ),
    fault(
        "overwrite_keeps_tags",
        WRITING,
        "contract::test_an_overwritten_object_has_lost_its_tags",
        (
            '        before = _commit(context, call, new)\n    except BaseException:\n        file.unlink(missing_ok=True)\n        raise\n    context.changed(call, "ObjectCreated:PutObject"',
            '        if old := context.store.object(call.bucket, call.key):\n            new.tags.update(old.tags)\n        before = _commit(context, call, new)\n    except BaseException:\n        file.unlink(missing_ok=True)\n        raise\n    context.changed(call, "ObjectCreated:PutObject"',
        ),
    ),
    fault(
        "eleven_tags_taken",
        TAGGING,
        "oss::test_a_tag_that_oss_refuses_is_refused_and_the_old_ones_stay",
        ("if len(pairs) > MOST:", "if len(pairs) > MOST + 1:"),
    ),
    fault(
        "host_not_checked",
        SERVER,
        "test_a_foreign_host_name_gets_nothing",
        (r"((?:127\.0\.0\.1|localhost|\[::1\])(?::", r"((?:[a-z0-9.-]+|\[::1\])(?::"),
    ),
    fault(
        "origin_not_checked",
        SERVER,
        "test_a_web_page_cannot_use_the_control_paths",
        ('if "Origin" in request.headers:', "if False:"),
    ),
    fault(
        "retry_lost",
        QUEUE,
        "test_function_error_is_retried_after_the_platforms_waits_then_kept_as_failure",
        ("elif attempts > len(self._retries):", "elif attempts > 0:"),
    ),
    fault(
        "failure_not_kept",
        QUEUE,
        "test_function_error_is_retried_after_the_platforms_waits_then_kept_as_failure",
        ("if answer.error_type is None:", "if answer.error_type is None or attempts > len(self._retries):"),
    ),
    fault(
        "event_under_way_lost",
        QUEUE,
        "test_events_under_way_and_waiting_are_delivered_after_a_restart",
        ("UPDATE events SET state = 'waiting' WHERE state = 'running'", "DELETE FROM events WHERE state = 'running'"),
    ),
    fault(
        "late_process_used_again",
        INSTANCE,
        "test_time_out_kills_the_process_with_its_children_and_the_next_call_is_cold",
        (" and self._loaded and not self._waiting", " and self._loaded"),
    ),
    fault(
        "children_outlive_the_function",
        INSTANCE,
        "test_time_out_kills_the_process_with_its_children_and_the_next_call_is_cold",
        ("os.killpg(self.pid, signal.SIGKILL)", "os.kill(self.pid, signal.SIGKILL)"),
    ),
    fault(
        "environment_leaks",
        RUNTIME,
        "test_function_sees_its_own_variables_and_nothing_of_the_emulators",
        ("{name: os.environ[name] for name in INHERITED if name in os.environ}", "os.environ"),
    ),
    fault(
        "credentials_never_renewed",
        RUNTIME,
        "test_temporary_credentials_are_renewed_after_half_their_life_in_a_warm_process",
        ("if self._key is None or now >= self.renewal:", "if self._key is None:"),
    ),
]
