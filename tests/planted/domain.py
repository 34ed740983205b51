"""Faults in the domain: tags, policy, plan, pictures, taxonomy, contents."""

from tests.planted import fault

TAGS = "domain/tags.py"
POLICY = "domain/policy.py"
PLAN = "domain/plan.py"
PICTURE = "domain/picture.py"
TAXONOMY = "domain/taxonomy.py"
CONTENT = "domain/content.py"

FAULTS = [
    fault(
        "tags_of_the_last_picture_merged",
        TAGS,
        "test_tags_of_ours_that_no_longer_fit_go_and_a_value_of_another_setting_is_replaced",
        (" if not ours(key, value, policy.tag_prefix, taxonomy)}", "}"),
    ),
    fault(
        "users_tag_under_prefix_ours",
        TAGS,
        "test_anything_else_under_the_prefix_is_the_users",
        (" and _is_value(value, taxonomy)", ""),
    ),
    fault(
        "tag_limit_off_by_one",
        TAGS,
        "test_never_more_than_five_nor_more_than_the_user_leaves_free",
        ("len(written) < room", "len(written) <= room"),
    ),
    fault(
        "users_tags_not_counted",
        TAGS,
        "test_never_more_than_five_nor_more_than_the_user_leaves_free",
        ("PER_OBJECT - len(theirs)", "PER_OBJECT"),
    ),
    fault(
        "wide_labels_first",
        TAGS,
        "test_the_most_particular_labels_come_first_and_then_by_confidence_centrality_and_id",
        ("key=lambda label: (label.id in above, rank(label))", "key=rank"),
    ),
    fault(
        "two_long_names_one_tag_key",
        TAGS,
        "test_two_ids_never_share_a_tag_key",
        ('hashlib.sha256(label_id.encode("utf-8", "surrogateescape")).hexdigest()[:8]', '"00000000"'),
    ),
    fault(
        "equals_sign_not_spelled",
        TAGS,
        "test_two_ids_never_share_a_tag_key",
        ("[^A-Za-z0-9 +\\-._:/]", "[^A-Za-z0-9 +\\-._:/=]"),
    ),
    fault(
        "confidence_by_default",
        POLICY,
        "test_the_value_is_the_category_and_never_changes_with_language_or_confidence",
        (
            'tag_value: Literal["category", "confidence"] = "category"',
            'tag_value: Literal["category", "confidence"] = "confidence"',
        ),
    ),
    fault(
        "threshold_ignored",
        POLICY,
        "test_the_threshold_itself_is_enough",
        ("label.confidence >= least", "label.confidence >= 0"),
    ),
    fault(
        "threshold_off_by_one",
        POLICY,
        "test_the_threshold_itself_is_enough",
        ("label.confidence >= least", "label.confidence > least"),
    ),
    fault(
        "digest_without_threshold",
        POLICY,
        "test_every_setting_of_the_policy_changes_its_digest",
        ("[values, taxonomy_version]", '[values | {"threshold": 0}, taxonomy_version]'),
    ),
    fault(
        "two_concepts_one_id",
        TAXONOMY,
        "test_data_that_contradict_themselves_are_refused",
        ("if concept.id in known:", "if False:"),
    ),
    fault(
        "vendors_word_as_our_id",
        TAXONOMY,
        "test_a_vendors_word_is_a_concept_by_alias_then_by_name_in_its_language_only",
        ('return found or f"{vocabulary}:{name}"', "return found or name"),
    ),
    fault(
        "parent_search_off",
        TAXONOMY,
        "test_a_word_means_its_concept_and_all_below",
        (".union(*(self._family(child) for child in self._children.get(id, ())))", ""),
    ),
    fault(
        "policy_change_not_recorded",
        PLAN,
        "test_a_changed_policy_that_chooses_the_same_is_recorded",
        ("        and row.policy == policy.digest(taxonomy.version)\n", ""),
    ),
    fault(
        "new_head_not_recorded",
        PLAN,
        "test_the_same_bytes_put_again_have_a_row_of_the_new_object",
        (
            "(row.state, row.reason, row.head, row.setting) == (made.state, made.reason, head, setting)",
            "(row.state, row.reason, row.setting) == (made.state, made.reason, setting)",
        ),
    ),
    fault(
        "taken_tag_not_listed",
        PLAN,
        "test_the_users_own_tags_under_our_prefix_stay_through_label_relabel_and_overwrite",
        ("want.left_out + want.taken", "want.left_out"),
    ),
    fault(
        "side_limit_off_by_one",
        PICTURE,
        "test_exactly_the_documented_limits_refuse",
        ("max(width, height) > MAX_SIDE", "max(width, height) >= MAX_SIDE"),
    ),
    fault(
        "png_bomb_not_refused",
        PICTURE,
        "test_a_png_bomb_is_refused_by_its_head_alone",
        ("max(width, height) > MAX_SIDE or width * height > MAX_PIXELS", "False"),
    ),
    fault(
        "pixel_limit_off_by_one",
        PICTURE,
        "test_exactly_the_documented_limits_refuse",
        ("width * height > MAX_PIXELS", "width * height >= MAX_PIXELS"),
    ),
    fault(
        "answer_shared_with_strangers",
        CONTENT,
        "test_answers_are_shared_within_their_scope_and_setting_only",
        ('"object": ref.uri', '"object": ""'),
    ),
]
