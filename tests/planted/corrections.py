"""Faults in corrections, relabelling and undo."""

from tests.planted import fault

CORRECTIONS = "domain/corrections.py"
CORRECT = "usecases/correct.py"
DELIVERY = "usecases/delivery.py"
RELABEL = "usecases/relabel.py"
UNDO = "usecases/undo.py"
WALK = "usecases/walk.py"
SQLITE = "embedded/ledger.py"
TABLESTORE = "aliyun/ledger.py"

KEPT = "test_corrections_are_not_overwritten_by_a_writer_who_knew_of_none_of_the_same_content"

FAULTS = [
    fault(
        "correction_of_another_content",
        "domain/plan.py",
        "test_a_new_picture_under_the_same_name_drops_them_and_they_do_not_come_back_with_the_old_one",
        ("corrections is not None and corrections.content == content_id(head)", "corrections is not None"),
    ),
    fault(
        "not_so_but_what_is_below_stays",
        CORRECTIONS,
        "test_a_label_that_is_not_so_goes_with_all_that_its_answer_put_below_it",
        ("lineage(label.id, chosen.ancestors.get(label.id, ()), taxonomy)", "(label.id,)"),
    ),
    fault(
        "shown_name_is_somebodys_own_word",
        CORRECTIONS,
        "test_the_name_that_a_policy_shows_is_the_label_s_and_makes_no_second_one",
        ("return ids[0] if ids and taxonomy.named(word) is None else word", "return word"),
    ),
    fault(
        "earlier_addition_wins",
        CORRECTIONS,
        "test_what_is_said_later_wins",
        ("if all_gone.isdisjoint(_line(added_id(w, taxonomy), taxonomy))", ""),
    ),
    fault(
        "corrections_lost_by_a_new_answer_sqlite",
        SQLITE,
        KEPT,
        ("if rows.forgets(record, ", "if False and rows.forgets(record, "),
    ),
    fault(
        "corrections_lost_by_a_new_answer_tablestore",
        TABLESTORE,
        KEPT,
        ("if record.corrections is None:", "if False:"),
    ),
    fault(
        "row_not_looked_at_again",
        DELIVERY,
        "test_corrections_survive_a_policy_that_labels_nothing_for_a_while",
        ("        self.look_at_row = not done\n", ""),
    ),
    fault(
        "corrections_lost_when_parked",
        DELIVERY,
        "test_corrections_survive_where_the_same_picture_is_put_again_and_its_tags_cannot_be_read",
        (
            "Plan(state_of(error.reason), error.reason, notes, corrections=self.corrections)",
            "Plan(state_of(error.reason), error.reason, notes)",
        ),
    ),
    fault(
        "second_person_not_heard",
        CORRECT,
        "test_two_people_who_correct_at_once_both_are_heard",
        ("return self.merge(self.corrections)", "return self.merge(self.of.corrections)"),
    ),
    fault(
        "replaced_picture_said_to_be_corrected",
        CORRECT,
        "test_a_picture_that_is_replaced_while_it_is_corrected_is_not_corrected",
        ("if not delivery.planned or", "if"),
    ),
    fault(
        "own_word_not_found",
        "usecases/search.py",
        "test_what_was_added_is_found_and_what_is_not_so_is_not",
        ("        ids |= {user_id(name)}", "        pass"),
    ),
    fault(
        "undo_takes_the_user_s_tags",
        UNDO,
        "test_undo_takes_our_tags_and_the_row_and_leaves_the_user_s_tags_and_a_line_of_history",
        ("if ours(key, value, prefix, by.taxonomy)", "if key.startswith(prefix)"),
    ),
    fault(
        "undo_only_where_there_is_a_row",
        UNDO,
        "test_tags_whose_row_was_lost_are_taken_back_all_the_same",
        ("return bool(self.tags) or self.row", "return self.row"),
    ),
    fault(
        "undo_touches_a_link_s_target",
        UNDO,
        "test_the_tags_of_a_link_are_its_target_s_and_stay",
        ("if head is None or head.symlink:", "if head is None:"),
    ),
    fault(
        "undo_leaves_a_trace_that_asks_for_labels",
        UNDO,
        "test_a_failing_index_leaves_no_trace_that_asks_for_labels",
        ("    leaves_a_trace = False\n", ""),
    ),
    fault(
        "undo_misses_rows_without_an_object",
        WALK,
        "test_undo_takes_back_tags_and_rows_below_the_prefix_and_nothing_else",
        ("heapq.merge(listed, recorded(index, place), key=_octets)", "listed"),
    ),
    fault(
        "dry_run_undoes",
        "imagelabels/cli_undo.py",
        "test_a_dry_run_counts_the_same_and_writes_nothing",
        ("if args.dry_run or not tally.undone:", "if not tally.undone:"),
    ),
    fault(
        "relabel_calls_a_forbidden_write_the_row_s_fate",
        RELABEL,
        "test_a_store_that_refuses_leaves_the_row_as_it_was",
        ("        raise error\n", "        return super()._refused(made, error)\n"),
    ),
    fault(
        "relabel_of_the_settings_answer_only",
        RELABEL,
        "test_the_answer_of_an_older_detector_setting_is_chosen_from_and_stays_that_setting_s",
        ("dict.fromkeys((by.detector.setting, record.setting))", "(by.detector.setting,)"),
    ),
]
