"""Faults in the embedded detector's settings that bring more models: a second network, and one that looks for faces."""

from tests.planted import fault

ARTIFACT = "embedded/artifact.py"
DECODE = "embedded/decode.py"
DETECTOR = "embedded/detector.py"
FACE_FILE = "embedded/face_file.py"
FACES = "embedded/faces.py"
MODEL_FILE = "embedded/model_file.py"
RECALL = "embedded/recall.py"

FAULTS = [
    fault(
        "two_networks_added_not_averaged",
        DETECTOR,
        "test_confidences_are_those_of_both_networks_mean_at_the_temperature_that_was_fitted_for_it",
        ('{"image": stretched(finer)[None]})[0]) / 2', '{"image": stretched(finer)[None]})[0])'),
    ),
    fault(
        "two_networks_at_the_temperature_of_one",
        RECALL,
        "test_confidences_are_those_of_both_networks_mean_at_the_temperature_that_was_fitted_for_it",
        ("MORE = Recall(artifact.LITE1, 0.8, 0.98)", "MORE = Recall(artifact.LITE1, 0.9, 0.98)"),
    ),
    fault(
        "second_network_sees_the_centre_only",
        DETECTOR,
        "test_the_second_network_looks_at_the_ends_of_a_panorama_too",
        (
            "zip_longest((decoded.pixels, *decoded.ends), decoded.finer)",
            "zip_longest((decoded.pixels, *decoded.ends), decoded.finer[:1], fillvalue=(decoded.finer or (None,))[0])",
        ),
    ),
    fault(
        "second_network_as_shallow_as_the_first",
        MODEL_FILE,
        "test_the_built_file_has_the_hash_that_the_figures_were_measured_with_and_is_built_once",
        ('Network("efficientnet-lite1", 240, 1.1)', 'Network("efficientnet-lite1", 240, 1.0)'),
    ),
    fault(
        "answers_of_one_network_given_as_those_of_two",
        DETECTOR,
        "test_the_answers_of_both_networks_are_kept_apart_from_those_of_one",
        ("if file is not None]", "if file is artifact.LITE0]"),
    ),
    fault(
        "second_network_looked_for_elsewhere",
        ARTIFACT,
        "test_a_missing_second_network_is_said_with_the_two_commands_that_bring_it",
        ('path.with_name(f"{self.name}.onnx")', "path"),
    ),
    fault(
        "thumbnail_as_sure_with_two_networks",
        RECALL,
        "test_a_thumbnail_is_told_with_less_confidence_by_two_networks_as_well",
        ("0.8, 0.98)", "0.8, 0.8)"),
    ),
    fault(
        "setting_ignored_in_functions",
        "wiring.py",
        "test_the_setting_reaches_the_detector",
        ("settings.model, settings.recall,", 'settings.model, "standard",'),
    ),
    fault(
        "face_cut_at_the_networks_own_figure",
        FACES,
        "test_the_users_threshold_cuts_where_faces_were_measured",
        ("logits[0, :, 0].astype(np.float64) + _SHIFT", "logits[0, :, 0].astype(np.float64)"),
    ),
    fault(
        "face_without_a_person",
        DETECTOR,
        "test_a_face_makes_a_person_that_the_centre_does_not_show",
        ("for id in (FACE, PERSON):", "for id in (FACE,):"),
    ),
    fault(
        "face_takes_a_surer_person_down",
        DETECTOR,
        "test_a_surer_person_stays_as_sure_and_where_it_was",
        ("if face[0] >= max(floor, found.get(id, (0.0, 0.0))[0]):", "if face[0] >= floor:"),
    ),
    fault(
        "surest_face_instead_of_the_largest",
        FACES,
        "test_the_largest_sure_face_says_how_central_and_not_a_larger_guess",
        ("np.where(sure, areas, -1) if sure.any() else sureness", "sureness"),
    ),
    fault(
        "guess_larger_than_the_sure_face",
        FACES,
        "test_the_largest_sure_face_says_how_central_and_not_a_larger_guess",
        ("np.where(sure, areas, -1) if sure.any() else sureness", "areas"),
    ),
    fault(
        "bars_counted_as_picture",
        FACES,
        "test_where_a_face_is_is_told_of_the_picture_and_not_of_the_bars_beside_it",
        (" * SIDE - top", " * SIDE"),
    ),
    fault(
        "face_network_padded_at_the_wrong_side",
        FACE_FILE,
        "test_the_built_file_has_the_hash_that_the_figures_were_measured_with_and_is_built_once",
        ("before = [pad // 2 for pad in whole]", "before = [pad - pad // 2 for pad in whole]"),
    ),
    fault(
        "faces_in_a_picture_that_lies_on_its_side",
        DECODE,
        "test_a_photo_taken_with_the_camera_turned_shows_the_same_face",
        ("return prepared if turn is None else prepared.transpose(turn)", "return prepared"),
    ),
    fault(
        "answers_with_faces_given_as_those_without",
        DETECTOR,
        "test_answers_with_faces_are_kept_apart_from_those_without",
        ("artifact.FACES if faces else None)", "None)"),
    ),
    fault(
        "faces_never_looked_for_in_functions",
        "wiring.py",
        "test_the_setting_for_faces_reaches_the_detector",
        ('settings.faces == "on")', 'settings.faces == "yes")'),
    ),
]
