"""Safeguards of the page taken out one by one: what strangers wrote stays text, and forms and cookies stay ours."""

from tests.planted import fault

VISIT = "page/visit.py"
VISITORS = "page/visitors.py"
SITE = "page/site.py"
ANSWERS = "page/answers.py"

FAULTS = [
    fault(
        "page-escaping",
        VISIT,
        "test_markup_in_keys_labels_titles_and_words_is_text",
        ("autoescape=True", "autoescape=False"),
    ),
    fault(
        "page-escaping-typed",
        VISIT,
        "test_markup_in_what_somebody_types_is_text",
        ("autoescape=True", "autoescape=False"),
    ),
    fault(
        "page-policy",
        ANSWERS,
        "test_every_view_forbids_what_does_not_come_from_this_server",
        ("script-src 'self'; style-src", "script-src 'self' 'unsafe-inline'; style-src"),
    ),
    fault(
        "page-forged-form",
        VISITORS,
        "test_a_form_that_another_site_sent_changes_nothing",
        (" and hmac.compare_digest(given, form_token(event).encode())", ""),
    ),
    fault(
        "page-cross-site",
        VISITORS,
        "test_a_form_that_another_site_sent_changes_nothing",
        ('site in ("same-origin", "none") and ', ""),
    ),
    fault(
        "page-form-of-another",
        VISITORS,
        "test_forms_of_one_token_are_not_those_of_another",
        ('key = secret_of(event) or event["headers"].get("authorization", "") or _KEY', "key = _KEY"),
    ),
    fault(
        "page-cookie-writes",
        SITE,
        "test_a_cookie_alone_changes_nothing_through_the_api",
        (' if event["requestContext"]["http"]["method"] == "GET" else event', ""),
    ),
    fault(
        "page-elsewhere",
        ANSWERS,
        "test_signing_in_leads_to_no_other_site",
        (r"/(?![/\\])", "/"),
    ),
    fault(
        "page-cookie-scripts",
        VISITORS,
        "test_a_token_opens_the_page_and_what_its_pictures_are_loaded_from",
        ("HttpOnly; ", ""),
    ),
]
