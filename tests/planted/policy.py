"""Faults in thresholds, rules and the policy file."""

from tests.planted import fault

POLICY = "domain/policy.py"
FILE = "rules/file.py"
WORDS = "rules/words.py"
EXPLAIN = "domain/explain.py"

FAULTS = [
    fault(
        "own_threshold_ignored",
        POLICY,
        "test_a_labels_own_threshold_counts_for_what_is_below_it_and_the_nearest_one_wins",
        ("least, by = thresholds[found], found", "least, by = policy.threshold, found"),
    ),
    fault(
        "own_threshold_of_the_widest",
        POLICY,
        "test_a_labels_own_threshold_counts_for_what_is_below_it_and_the_nearest_one_wins",
        ("(found := _first(line, thresholds))", "(found := _first(line[::-1], thresholds))"),
    ),
    fault(
        "own_threshold_of_itself_alone",
        POLICY,
        "test_a_labels_own_threshold_counts_for_what_is_below_it_and_the_nearest_one_wins",
        ("(found := _first(line, thresholds))", "(found := _first(line[:1], thresholds))"),
    ),
    fault(
        "threshold_before_the_map",
        POLICY,
        "test_rules_speak_of_a_label_as_it_is_mapped",
        ("_judged(shown, above, policy, thresholds, taxonomy)", "_judged(label, above, policy, thresholds, taxonomy)"),
    ),
    fault(
        "threshold_in_percent_taken",
        FILE,
        "test_a_wrong_rule_is_refused_with_its_line_and_name",
        ("_Share = Annotated[float, Field(ge=0, le=1)]", "_Share = Annotated[float, Field(ge=0, le=100)]"),
    ),
    fault(
        "threshold_below_the_floor_taken",
        FILE,
        "test_a_wrong_rule_is_refused_with_its_line_and_name",
        ("if share < floor:", "if False:"),
    ),
    fault(
        "wider_threshold_before_the_named_one",
        WORDS,
        "test_a_wider_word_is_its_categories_and_what_is_named_itself_counts_before_it",
        (
            "wide | {id: value for id, (_, value) in own.items()}",
            "{id: value for id, (_, value) in own.items()} | wide",
        ),
    ),
    fault(
        "shortest_prefix_wins",
        FILE,
        "test_a_longer_prefix_takes_over_what_it_does_not_say_and_replaces_what_it_does",
        ("sorted(said, key=len, reverse=True)", "sorted(said, key=len)"),
    ),
    fault(
        "shorter_prefix_says_more",
        FILE,
        "test_a_longer_prefix_takes_over_what_it_does_not_say_and_replaces_what_it_does",
        ("if prefix.startswith(other)), key=len)", "if prefix.startswith(other)), key=len, reverse=True)"),
    ),
    fault(
        "excluded_only_itself",
        POLICY,
        "test_an_excluded_label_takes_all_below_it_along_and_leaves_those_above",
        ("(found := _first(line, policy.exclude))", "(found := _first(line[:1], policy.exclude))"),
    ),
    fault(
        "digest_by_who_said_it",
        POLICY,
        "test_a_rule_under_another_prefix_that_says_the_same_is_the_same_digest",
        ('del values["said_by"]', 'values["said_by"] = list(policy.said_by)'),
    ),
    fault(
        "map_stops_half_way",
        WORDS,
        "test_a_chain_of_maps_leads_to_its_end",
        ("            while (further := targets.get(targets[id])) is not None:", "            while further := None:"),
    ),
    fault(
        "excluded_picture_asked_about",
        "usecases/delivery.py",
        "test_what_is_not_to_be_labelled_is_skipped_and_nobody_is_asked",
        ("if not self.policy.label:", "if False:"),
    ),
    fault(
        "taken_tag_said_to_be_written",
        EXPLAIN,
        "test_of_a_kept_label_it_says_what_became_of_its_tag",
        ("if label.id in made.taken:", "if False:"),
    ),
]
