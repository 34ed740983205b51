"""Faults in how picture files are read: EXIF data, formats that are not read, bounds of memory and work."""

from tests.planted import fault

EXIF = "domain/exif.py"
PLAN = "domain/plan.py"
ANSWERS = "usecases/answers.py"
BOUNDS = "embedded/bounds.py"
PARED = "embedded/pared.py"
BANDS = "embedded/bands.py"

HOSTILE = "test_no_file_takes_more_than_512_megabytes_whatever_it_is_made_of"

FAULTS = [
    fault(
        "time_of_another_moment",
        EXIF,
        "test_a_photo_remembers_when_it_was_taken_and_not_when_it_was_changed",
        ("0x8769, 0x9003, 0x9011", "0x8769, 0x9004, 0x9011"),
    ),
    fault(
        "impossible_offset_believed",
        EXIF,
        "test_an_offset_that_is_none_does_not_spoil_the_time",
        (r"(?:0\d|1[0-4])", r"\d\d"),
    ),
    fault(
        "time_of_the_picture_inside",
        EXIF,
        "test_exif_data_of_the_picture_inside_a_picture_are_not_taken_for_its_own",
        ("in (jpeg.EOI, jpeg.SOS)", "in (jpeg.EOI,)"),
    ),
    fault(
        "clock_never_set_raises",
        EXIF,
        "test_a_clock_that_was_never_set_gives_no_time",
        ("except ValueError:", "except KeyError:"),
    ),
    fault(
        "time_not_kept_with_the_answer",
        ANSWERS,
        "test_when_a_photo_was_taken_is_in_its_row_and_in_that_of_a_copy",
        (
            'Answer(None, "", detection, seen.width, seen.height, seen.taken_at',
            'Answer(None, "", detection, 1, 1, None',
        ),
    ),
    fault(
        "format_not_named",
        PLAN,
        "test_a_picture_in_a_format_that_is_not_read_says_in_its_row_which",
        ('answer.reason == "unsupported_format"', "answer.reason is None"),
    ),
    fault("webp_thought_cheap", BOUNDS, HOSTILE, ("_WEBP = 16", "_WEBP = 1")),
    fault("scans_not_paid_for", BOUNDS, HOSTILE, ("width * height * scans > MAX_SCANNED", "False")),
    fault("segments_not_counted", PARED, HOSTILE, ("count >= MAX_PARTS or size", "size")),
    fault(
        "progressive_taken_for_one_scan",
        BOUNDS,
        "test_scans_are_counted_past_thumbnails_and_stuffed_bytes",
        ("whole = segment.marker in jpeg.PROGRESSIVE", "whole = False"),
    ),
    fault("large_picture_converted_whole", BANDS, HOSTILE, ("image.width * image.height <= LARGE", "True")),
    fault(
        "band_in_the_wrong_place",
        BANDS,
        "test_a_picture_shrunk_in_bands_looks_like_one_shrunk_at_once",
        ("(0, top // times)", "(0, -(-top // times // 2))"),
    ),
]
