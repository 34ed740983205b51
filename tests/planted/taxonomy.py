"""Faults in the taxonomy's code: what vendors and people call a concept, and what stands above it."""

from tests.planted import fault

FILE = "domain/taxonomy.py"

FAULTS = [
    fault(
        "alias_ignored",
        FILE,
        "test_an_alias_is_its_concept_in_its_own_vocabulary_only",
        ("found = self._aliases.get((vocabulary, name)) or self._names", "found = self._names"),
    ),
    fault(
        "alias_of_another_vendor",
        FILE,
        "test_an_alias_is_its_concept_in_its_own_vocabulary_only",
        (
            "found = self._aliases.get((vocabulary, name)) or",
            'found = self._aliases.get(("ci", name)) or self._aliases.get(("imm", name)) or',
        ),
    ),
    fault(
        "alias_of_two_concepts",
        FILE,
        "test_data_that_contradict_themselves_are_refused",
        ("if (other := self._aliases.setdefault((vocabulary, alias), concept.id)) != concept.id:", "if False:"),
    ),
    fault(
        "alias_is_anothers_name",
        FILE,
        "test_data_that_contradict_themselves_are_refused",
        (", *(self._names.get((tag, alias)) for tag in named.names)}", "}"),
    ),
    fault(
        "alias_of_unknown_vocabulary",
        FILE,
        "test_data_that_contradict_themselves_are_refused",
        ("if vocabulary not in self.vocabularies:", "if False:"),
    ),
    fault(
        "rows_of_before_the_alias_lost",
        FILE,
        "test_a_word_finds_rows_that_were_written_before_its_alias",
        ('family = {id, *(f"{vocabulary}:{alias}" for vocabulary, alias in _pairs(concept.aliases))}', "family = {id}"),
    ),
    fault(
        "rows_of_before_another_name_lost",
        FILE,
        "test_a_word_finds_rows_that_were_written_before_a_concept_was_also_called_so",
        ("for _, name in _pairs(concept.also))", "for name in ())"),
    ),
    fault(
        "typed_alias_not_found",
        FILE,
        "test_a_vendors_word_may_be_typed_without_saying_whose_it_is",
        (
            "return raw.union(shown, *(self._meant(id) for id in self._said.get(folded(word), ())))",
            "return raw.union(shown)",
        ),
    ),
    fault(
        "other_names_not_understood",
        FILE,
        "test_what_a_concept_is_also_called_is_understood_but_never_shown",
        ("for name in (first, *concept.also.get(language, ())):", "for name in (first,):"),
    ),
    fault(
        "wider_words_aliases_not_searched",
        FILE,
        "test_a_vendors_word_for_a_wider_word_is_found_by_it_and_stays_the_vendors",
        (
            'called.update(f"{vocabulary}:{alias}" for vocabulary, alias in _pairs(word.aliases))',
            "called.update(())",
        ),
    ),
    fault(
        "wider_word_takes_a_concepts_word",
        FILE,
        "test_a_wider_word_never_takes_a_concepts_word",
        ("            self._check(word)\n", ""),
    ),
    fault(
        "parent_of_any_level_above",
        FILE,
        "test_data_that_contradict_themselves_are_refused",
        (
            "if (parent.level if parent else 0) != concept.level - 1",
            "if (parent.level if parent else 0) >= concept.level",
        ),
    ),
    fault(
        "parent_that_is_nowhere",
        FILE,
        "test_data_that_contradict_themselves_are_refused",
        (" or (parent is None) != (concept.parent is None):", ":"),
    ),
    fault(
        "only_the_parent_is_above",
        FILE,
        "test_ancestors_go_from_near_to_far_and_end_in_the_category",
        ("(concept.parent, *self.ancestors(concept.parent))", "(concept.parent,)"),
    ),
    fault(
        "ancestors_from_far_to_near",
        FILE,
        "test_ancestors_go_from_near_to_far_and_end_in_the_category",
        ("(concept.parent, *self.ancestors(concept.parent))", "(*self.ancestors(concept.parent), concept.parent)"),
    ),
    fault(
        "group_as_category",
        FILE,
        "test_ancestors_go_from_near_to_far_and_end_in_the_category",
        ("return (id, *self.ancestors(id))[-1] if", "return (id, *self.ancestors(id))[:2][-1] if"),
    ),
    fault(
        "wider_word_above_a_group",
        FILE,
        "test_a_wider_word_is_above_categories_only",
        ("if id not in known or known[id].level != 1]", "if id not in known]"),
    ),
    fault(
        "wider_word_finds_its_first_category_only",
        FILE,
        "test_a_wider_word_finds_all_its_categories_and_what_vendors_call_so",
        ("for member in word.members))", "for member in word.members[:1]))"),
    ),
]
