"""What makes the embedded detector's confidences mean what they say, taken out one by one."""

from tests.planted import fault

DETECTOR = "onnx/detector.py"
GREY = "onnx/grey.py"
HEADS = "onnx/heads.py"
LEVELS = "onnx/levels.py"
TRAITS = "onnx/traits.py"
TREE = "onnx/tree.py"

FAULTS = [
    fault(
        "bias_of_a_head_shifted",
        HEADS,
        "test_each_head_says_of_the_samples_what_was_recorded",
        ('[head["bias"] - _logit(', '[head["bias"] + 0.1 - _logit('),
    ),
    fault(
        "limit_of_a_head_lost",
        HEADS,
        "test_each_head_says_of_the_samples_what_was_recorded",
        (' - _logit(head["measured_at"]) + _logit(SURE)', ""),
    ),
    fault(
        "surface_of_the_pixels_lost",
        HEADS,
        "test_the_head_weighs_the_surface_beside_the_features_and_no_other_head_does",
        (
            'row[CHANNELS:-COLOURS] = _part(label_id, head, "surface", SURFACE)',
            "row[CHANNELS:-COLOURS] = 0",
        ),
    ),
    fault(
        "colours_of_the_parts_lost",
        HEADS,
        "test_each_head_says_of_the_samples_what_was_recorded",
        ('row[-COLOURS:] = _part(label_id, head, "colours", COLOURS)', "row[-COLOURS:] = 0"),
    ),
    fault(
        "wide_graphic_told_by_its_least_sure_square",
        DETECTOR,
        "test_a_wide_page_with_a_photo_at_one_end_is_a_graphic",
        ("sorted(telling)[-SUREST:]", "sorted(telling)[:1]"),
    ),
    fault(
        "wide_photo_called_a_graphic_for_one_square",
        DETECTOR,
        "test_a_panorama_is_as_surely_a_graphic_as_the_two_surest_of_its_squares_that_are_not_plain",
        ("sorted(telling)[-SUREST:]", "sorted(telling)[-1:]"),
    ),
    fault(
        "photo_beside_text_hides_the_text",
        DETECTOR,
        "test_a_panorama_is_as_surely_a_graphic_as_the_two_surest_of_its_squares_that_are_not_plain",
        ("sorted(telling)[-SUREST:]", "telling"),
    ),
    fault(
        "empty_end_makes_no_graphic_of_a_page",
        DETECTOR,
        "test_a_wide_page_with_empty_ends_is_a_graphic",
        ("for confidence, plain in squares if not plain]", "for confidence, plain in squares]"),
    ),
    fault(
        "columns_of_two_classes_swapped",
        TREE,
        "test_a_thing_that_is_not_sure_enough_gives_way_to_its_group_and_the_group_to_its_category",
        (
            "[place[leaf] for leaf in classes]",
            "[place[leaf] for leaf in (classes[0], classes[999], *classes[2:999], classes[1])]",
        ),
    ),
    fault(
        "floor_of_a_level_lost",
        LEVELS,
        "test_a_thing_that_is_not_sure_enough_gives_way_to_its_group_and_the_group_to_its_category",
        ("np.interp(sums[mine], *self.tables[level])", "sums[mine]"),
    ),
    fault(
        "silent_label_given",
        LEVELS,
        "test_a_man_in_a_suit_is_a_person_and_no_wedding",
        ("np.where(self._silent, 0, confidences)", "confidences"),
    ),
    fault(
        "misleading_class_counted",
        LEVELS,
        "test_a_misleading_class_speaks_for_nothing",
        ("np.where(self._misleading, 0, probabilities)", "probabilities"),
    ),
    fault(
        "answers_of_another_method_kept",
        TRAITS,
        "test_tables_that_changed_have_another_method_so_that_no_answer_of_the_old_ones_is_kept",
        (" method={METHOD}", ""),
    ),
    fault(
        "photo_indoors_and_outdoors",
        DETECTOR,
        "test_no_photo_is_sure_to_be_indoors_and_outdoors_at_once",
        ("            keep_apart(by_id, floor)\n", ""),
    ),
    fault(
        "kind_surer_than_graphic",
        DETECTOR,
        "test_no_kind_of_graphic_is_surer_than_that_it_is_a_graphic",
        ("min(view.heads[kind], graphic)", "view.heads[kind]"),
    ),
    fault(
        "small_by_the_longer_side",
        DETECTOR,
        "test_a_picture_is_small_if_its_shorter_side_is",
        ("small = min(decoded.width", "small = max(decoded.width"),
    ),
    fault(
        "small_whole_numbers_made_bright",
        GREY,
        "test_grey_in_whole_numbers_that_are_all_small_stays_dark",
        ("if floats and top < 128", "if top < 128"),
    ),
    fault(
        "weight_that_is_no_number",
        HEADS,
        "test_weights_that_mean_nothing_are_refused_with_what_to_do",
        ("if not np.isfinite(numbers).all():", "if False:"),
    ),
]
