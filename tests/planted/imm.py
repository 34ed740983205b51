"""Faults in the IMM detector and in its emulator."""

from __future__ import annotations

from tests.planted import fault

DETECTOR = "aliyun/detector_imm.py"
CLIENT = "aliyun/client_imm.py"
FAILURES = "aliyun/failures_imm.py"
AUTH = "imm/auth.py"
LABELS = "imm/labels.py"

FAULTS = [
    fault(
        "imm_billed_asked_again",
        DETECTOR,
        "test_what_may_have_been_billed_is_asked_only_once",
        ("if billed(error) or attempt", "if attempt"),
    ),
    fault(
        "imm_unbilled_not_asked_again",
        DETECTOR,
        "test_what_was_not_billed_is_asked_again_later_and_later_and_then_given_up",
        ("if billed(error) or attempt", "if True or attempt"),
    ),
    fault(
        "imm_back_off_without_chance",
        DETECTOR,
        "test_two_back_offs_are_not_the_same",
        (" * random.uniform(0.5, 1)", ""),
    ),
    fault(
        "imm_back_off_past_the_end",
        DETECTOR,
        "test_no_attempt_is_begun_that_the_time_does_not_allow",
        (" or self._monotonic() + pause >= until", ""),
    ),
    fault(
        "imm_key_without_extension_billed",
        "usecases/answers.py",
        "test_a_key_that_the_detector_would_bill_and_refuse_is_skipped_and_its_content_labelled_under_another",
        ("not detector.suffixes or ref.key", "True or ref.key"),
    ),
    fault(
        "imm_pace_not_kept",
        "aliyun/pace.py",
        "test_calls_keep_the_pace_that_is_set",
        ("            self._sleep(mine - now)\n", "            pass\n"),
    ),
    fault(
        "imm_proxy_of_the_environment",
        "kit/session.py",
        "test_neither_proxies_nor_debugging_of_the_environment_touch_a_request",
        (', "proxies": self._through.of(request.url or "")', ""),
    ),
    fault(
        "imm_redirect_followed",
        CLIENT,
        "test_a_redirect_is_not_followed_with_the_token",
        (', "allow_redirects": False', ""),
    ),
    fault(
        "imm_credential_config_dropped",
        CLIENT,
        "test_the_request_is_the_one_that_the_vendors_own_method_sends",
        ("if config else None", "if False else None"),
    ),
    fault(
        "imm_debugging_of_the_sdk_left_on",
        CLIENT,
        "test_no_token_signature_or_secret_of_imm_in_a_log_or_a_traceback",
        ('logging.getLogger("darabonba-core").setLevel(logging.WARNING)\n', ""),
    ),
    fault(
        "imm_keys_baked_into_the_client",
        CLIENT,
        "test_keys_that_rotate_sign_the_next_request",
        ("        self._credentials = credentials\n", "        self._keys = credentials.get_credentials()\n"),
        ("keys = self._credentials.get_credentials()", "keys = self._keys"),
    ),
    fault(
        "imm_words_with_the_token_quoted",
        FAILURES,
        "test_no_token_signature_or_secret_of_imm_in_a_log_or_a_traceback",
        ('"" if _SECRET.search(words) else words', "words"),
    ),
    fault(
        "imm_sdk_error_left_whole",
        FAILURES,
        "test_no_token_signature_or_secret_of_imm_in_a_log_or_a_traceback",
        ("        _strip(error)\n", ""),
    ),
    fault(
        "imm_lost_answer_taken_for_unbilled",
        FAILURES,
        "test_a_lost_connection_is_told_by_what_was_lost_and_whether_it_cost",
        ("isinstance(cause, requests.ConnectTimeout)", "isinstance(cause, requests.Timeout)"),
    ),
    fault(
        "imm_unknown_project_kept_as_a_refusal",
        "aliyun/refusals.py",
        "test_what_may_have_been_billed_is_asked_only_once",
        ("project(?:name)?", "project"),
    ),
    fault(
        "imm_emulator_signature_not_compared",
        AUTH,
        "test_an_unknown_key_and_a_wrong_secret_are_refused",
        ("if not hmac.compare_digest(ours", "if False and not hmac.compare_digest(ours"),
    ),
    fault(
        "imm_emulator_body_not_signed",
        AUTH,
        "imm::test_what_was_altered_after_signing_is_refused",
        (' or digest != call.header("x-acs-content-sha256")', ""),
        ("digest = hashlib.sha256(body).hexdigest()", 'digest = call.header("x-acs-content-sha256")'),
    ),
    fault(
        "imm_emulator_old_date_believed",
        AUTH,
        "test_a_date_twenty_minutes_off_is_refused",
        ("> SKEW", "> 2 * SKEW"),
    ),
    fault(
        "imm_emulator_any_extension",
        LABELS,
        "test_a_source_that_is_none_is_refused",
        ("if not key.lower().endswith(EXTENSIONS):", "if False:"),
    ),
]
