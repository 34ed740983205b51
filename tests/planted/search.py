"""Faults in the search on SQLite: what matches, the order, pages, counts, and bringing an old file up to date."""

from tests.planted import fault

QUESTION = "embedded/question.py"
POSTINGS = "embedded/postings.py"
FACETS = "embedded/facets.py"
DATABASE = "embedded/database.py"
MIGRATION = "embedded/migration.py"
PAGING = "domain/paging.py"

FAULTS = [
    fault(
        "least_confidence_left_out",
        QUESTION,
        "contract::test_only_sure_labels_count_each_for_itself",
        ("confidence >= :{self", "confidence > :{self"),
    ),
    fault(
        "any_word_means_all_words",
        QUESTION,
        "contract::test_all_words_must_be_there_and_any_word_is_enough",
        (
            "self._groups.append(self._word(query.any_of))",
            "self._groups += [self._word([term]) for term in query.any_of]",
        ),
    ),
    fault(
        "unwanted_word_however_faint",
        QUESTION,
        "contract::test_what_a_picture_must_not_show_leaves_it_out_only_where_it_is_sure_enough",
        ("self._word(query.none_of)", "self._word([Term(term.ids) for term in query.none_of])"),
    ),
    fault(
        "bucket_that_begins_so",
        QUESTION,
        "contract::test_a_bucket_is_asked_for_whole_and_in_its_store",
        (
            'rows.octets(f"{query.bucket}/{query.prefix}")',
            'rows.octets(query.bucket + query.prefix and f"{query.bucket}{query.prefix}")',
        ),
    ),
    fault(
        "prefix_with_wildcards",
        QUESTION,
        "contract::test_a_prefix_is_compared_byte_by_byte",
        ('"i.uri >= :first AND i.uri < :behind"', "\"CAST(i.uri AS TEXT) LIKE CAST(:first AS TEXT) || '%'\""),
    ),
    fault(
        "until_and_then_some",
        QUESTION,
        "contract::test_a_time_is_when_the_object_was_modified_from_then_on_and_before",
        ("i.modified < :until", "i.modified <= :until"),
    ),
    fault(
        "since_leaves_its_own_moment_out",
        QUESTION,
        "contract::test_since_is_when_the_row_was_written_to_the_millisecond",
        ("i.updated_at >= :since", "i.updated_at > :since"),
    ),
    fault(
        "equal_rows_skipped_between_pages",
        QUESTION,
        "contract::test_pages_together_are_the_whole_answer_each_row_once",
        ("({rank} {way} :rank OR i.uri > :uri)", "{rank} {way} :rank"),
    ),
    fault(
        "equally_sure_rows_cut_apart",
        QUESTION,
        "contract::test_an_index_answers_as_a_plain_list_does",
        ("if len(part) >= size and rank != last:", "if len(part) >= size:"),
    ),
    fault(
        "surest_of_what_was_not_asked_for",
        QUESTION,
        "contract::test_the_surest_of_all_labels_that_matched_gives_the_order",
        ("[arm for word in self._groups for arm in word.arms]", '["1"]'),
    ),
    fault(
        "surest_rows_shown_twice",
        QUESTION,
        "contract::test_an_index_answers_as_a_plain_list_does",
        (" GROUP BY image HAVING rank < :above AND rank <= :most", " GROUP BY image HAVING rank <= :most"),
    ),
    fault(
        "counts_of_labelled_rows_only",
        QUESTION,
        "contract::test_the_labels_of_a_row_that_is_not_labelled_count_for_nothing",
        ('if self._query.state == "labelled" and not self._narrow', "if not self._narrow"),
    ),
    fault(
        "count_of_an_id_that_is_a_category_too",
        POSTINGS,
        "contract::test_a_category_is_what_the_row_itself_says",
        ("labels[names[number]] += count", "labels[names[number]] = count"),
    ),
    fault(
        "labels_of_before_left",
        POSTINGS,
        "contract::test_a_row_is_found_by_its_newest_labels_only",
        ("WHERE label = ? AND image = ?", "WHERE label = -? AND image = ?"),
    ),
    fault(
        "least_confidence_left_out_on_the_way",
        FACETS,
        "contract::test_an_index_answers_as_a_plain_list_does",
        ("confidence >= least[flagged]", "confidence > least[flagged]"),
    ),
    fault(
        "number_of_what_was_undone",
        DATABASE,
        "embedded::test_a_label_first_met_in_what_was_undone_is_found_by_its_own_name_later",
        ("connection.names.clear()", "pass"),
    ),
    fault(
        "page_token_of_any_query",
        PAGING,
        "contract::test_a_token_of_another_query_is_refused",
        ("        digest != _digest(query)\n        or not", "        not"),
    ),
    fault(
        "page_token_whatever_must_not_be_shown",
        PAGING,
        "contract::test_a_token_of_another_query_is_refused",
        ("(query.all_of, query.any_of, query.none_of)", "(query.all_of, query.any_of)"),
    ),
    fault(
        "half_migrated_index_used",
        DATABASE,
        "embedded::test_a_migration_that_was_cut_off_goes_on_where_it_was",
        ("if moving and self._oldest == LAYOUT:", "if False:"),
    ),
    fault(
        "migration_ends_with_its_first_part",
        MIGRATION,
        "embedded::test_a_migration_that_was_cut_off_goes_on_where_it_was",
        ("        if not some:\n", "        if True:\n"),
    ),
]
