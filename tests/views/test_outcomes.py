"""How what became of pictures is shown."""

from __future__ import annotations

import re

from imagelabels.domain.budget import Hold, Limits, Spending
from imagelabels.domain.tally import DetectorSpending, Group
from imagelabels.views.outcomes import prometheus


def test_no_text_of_a_stranger_makes_a_collector_refuse_the_file_or_writes_a_sample_of_its_own() -> None:
    """A collector knows three escapes in the value of a label, and refuses the whole file for any other one."""
    bad = 'a"} 1\nimagelabels_pictures{state="b\\\x1b[2J\u202e\udcff\r'
    held = DetectorSpending("imm", Spending(1, 1, 0, {bad: Hold(bad, 9.0)}), Limits())
    groups = [Group("parked", bad, 1)]
    text = prometheus(groups, {bad: groups}, [held])
    samples = [line for line in text.split("\n") if line and not line.startswith("#")]
    assert len(samples) == 5
    for sample in samples:
        assert sample.isprintable()
        assert re.fullmatch(r'[a-z_]+\{([a-z]+="([^"\\]|\\[\\"n])*",?)+\} [0-9]+', sample), sample
