"""Faults in the copies that OSS makes of pictures: what is asked for, what is seen through them, what refuses them."""

from tests.planted import fault

FETCH = "embedded/fetch.py"
SHRINKER = "aliyun/shrinker.py"
PROCESSING = "aliyun/processing.py"
FAILURES = "aliyun/failures.py"
DETECTOR = "embedded/detector.py"
IMAGES = "oss/images.py"

FAULTS = [
    fault(
        "turned_before_it_is_small",
        SHRINKER,
        "test_a_phones_photo_is_not_fetched_whole_and_its_row_has_the_files_own_size",
        ("resize,s_{side}/auto-orient,1/", "auto-orient,1/resize,s_{side}/"),
    ),
    fault(
        "copy_of_whatever_is_there_now",
        PROCESSING,
        "test_a_copy_comes_over_the_emulator_and_a_replaced_picture_is_gone",
        ("""headers={"If-Match": f'"{head.etag}"'},""", "headers={},"),
    ),
    fault(
        "page_of_a_proxy_taken_for_a_copy",
        SHRINKER,
        "test_each_failure_of_a_copy_is_what_it_means_and_is_asked_only_once",
        ('if sniff(jpeg) != "jpeg":', "if not jpeg:"),
    ),
    fault(
        "refused_copy_a_setting_to_mend",
        FAILURES,
        "test_a_copy_comes_over_the_emulator_and_a_replaced_picture_is_gone",
        ('(call.asks == "copy" and status < 500)', "False"),
    ),
    fault(
        "copy_refused_though_it_can_be_read",
        FETCH,
        "test_what_the_store_does_not_shrink_is_fetched_whole_where_it_can_be_read",
        ("if picture.seen.format not in FORMATS:", "if True:"),
    ),
    fault(
        "trouble_answered_by_fetching_more",
        FETCH,
        "test_a_store_in_trouble_is_not_asked_for_more",
        ("except Rejected:", "except Exception:"),
    ),
    fault(
        "answers_through_copies_mixed_with_others",
        DETECTOR,
        "test_the_embedded_detector_sees_copies_where_the_store_makes_them",
        ('            self.setting += f" {shrinker.name}={fetch.SIDE}"\n', "            pass\n"),
    ),
    fault(
        "phone_photos_fetched_whole",
        FETCH,
        "test_a_jpeg_of_8_megapixels_is_not_fetched_whole_and_a_smaller_one_is",
        (">= LARGE", "> LARGE"),
    ),
    fault(
        "emulator_turns_any_length",
        IMAGES,
        "test_a_picture_too_long_to_be_turned_is_turned_once_it_is_smaller",
        ("        if max(picture.image.size) > LONGEST_TURNED:\n", "        if False:\n"),
    ),
    fault(
        "emulator_enlarges",
        IMAGES,
        "test_sides_are_those_of_the_vendors_page",
        ("if scale > 1 and not enlarge:", "if False:"),
    ),
]
