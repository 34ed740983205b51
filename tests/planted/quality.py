"""Faults in what the embedded detector makes of odd pictures: people, graphics, dark, blurred, small and wide ones."""

from tests.planted import fault

DETECTOR = "embedded/detector.py"
HEADS = "embedded/heads.py"
SIGHT = "embedded/sight.py"

FAULTS = [
    fault(
        "graphic_with_nonsense_beside",
        DETECTOR,
        "test_what_no_camera_saw_gets_one_honest_label_and_no_nonsense",
        ("if graphic < SURE:", "if True:"),
    ),
    fault(
        "photo_with_a_hint_of_graphic_silenced",
        DETECTOR,
        "test_what_is_not_surely_a_graphic_keeps_its_labels_beside",
        ("if graphic < SURE:", "if graphic < floor:"),
    ),
    fault(
        "blank_end_makes_a_graphic",
        DETECTOR,
        "test_a_blank_end_makes_no_graphic_of_a_panorama",
        ("graphic = min(", "graphic = max("),
    ),
    fault(
        "head_shifted_the_wrong_way",
        HEADS,
        "test_the_users_threshold_cuts_where_a_head_was_measured",
        ('- _logit(head["measured_at"]) + _logit(SURE)', '+ _logit(head["measured_at"]) - _logit(SURE)'),
    ),
    fault(
        "head_cut_at_its_own_half",
        HEADS,
        "test_the_users_threshold_cuts_where_a_head_was_measured",
        (' - _logit(head["measured_at"]) + _logit(SURE)', ""),
    ),
    fault(
        "night_stays_dark",
        SIGHT,
        "test_a_photo_taken_in_the_dark_gets_the_labels_of_the_day",
        ("if not BLANK <= bright - dark < FLAT:", "if True:"),
    ),
    fault(
        "noise_of_a_blank_stretched",
        SIGHT,
        "test_flat_greys_are_stretched_to_black_and_white_and_ordinary_ones_stay_as_they_are",
        ("if not BLANK <= bright - dark < FLAT:", "if not 1 <= bright - dark < FLAT:"),
    ),
    fault(
        "dark_taken_for_blurred",
        DETECTOR,
        "test_what_is_dark_and_sharp_keeps_its_groups",
        (
            "        pixels = stretched(pixels)\n        logits",
            "        blurred = is_blurred(pixels)\n        pixels = stretched(pixels)\n        logits",
        ),
        ("is_blurred(pixels), blank)", "blurred, blank)"),
    ),
    fault(
        "groups_of_what_is_blurred",
        DETECTOR,
        "test_of_a_blurred_picture_only_the_category_is_told",
        ("levels = (1,) if view.blurred else (1, 2, 3)", "levels = (1, 2, 3)"),
    ),
    fault(
        "thumbnail_as_sure_as_a_photo",
        DETECTOR,
        "test_a_thumbnail_is_told_with_less_confidence_than_the_same_pixels_enlarged",
        ("self._recall.temperature_of_small if small else self._recall.temperature", "self._recall.temperature"),
    ),
    fault(
        "ends_of_a_panorama_left_out",
        DETECTOR,
        "test_a_cat_is_seen_wherever_it_sits_in_a_panorama",
        ("(decoded.pixels, *decoded.ends)", "(decoded.pixels,)"),
    ),
    fault(
        "end_of_a_panorama_central",
        DETECTOR,
        "test_a_cat_is_seen_wherever_it_sits_in_a_panorama",
        ("score * share", "score"),
    ),
    fault(
        "same_setting_for_other_answers",
        DETECTOR,
        "test_the_answers_under_this_setting_stay_what_they_are",
        (" method={METHOD}", ""),
    ),
]
