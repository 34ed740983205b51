"""The retention policy of a bucket, which is a setting without effect."""

from __future__ import annotations

from typing import Any

from tests.emulator.running import Running, refused


def test_a_policy_is_made_locked_and_extended(bucket: Any) -> None:
    worm_id = bucket.init_bucket_worm(1).worm_id
    kept = bucket.get_bucket_worm()
    assert (kept.worm_id, kept.state, kept.retention_period_days) == (worm_id, "InProgress", 1)
    bucket.complete_bucket_worm(worm_id)
    assert bucket.get_bucket_worm().state == "Locked"
    bucket.extend_bucket_worm(worm_id, 2)
    kept = bucket.get_bucket_worm()
    assert (kept.state, kept.retention_period_days) == ("Locked", 2)
    assert refused(bucket.extend_bucket_worm, worm_id, 2).code == "InvalidWORMConfiguration"


def test_a_locked_policy_can_neither_be_aborted_nor_made_anew(bucket: Any) -> None:
    bucket.init_bucket_worm(1)
    assert bucket.abort_bucket_worm().status == 204
    assert refused(bucket.get_bucket_worm).code == "NoSuchWORMConfiguration"
    bucket.complete_bucket_worm(bucket.init_bucket_worm(1).worm_id)
    refusal = refused(bucket.abort_bucket_worm)
    assert (refusal.status, refusal.code) == (403, "WORMConfigurationLocked")
    assert refused(bucket.init_bucket_worm, 1).code == "WORMConfigurationLocked"


def test_a_policy_of_another_id_or_length_is_refused(bucket: Any) -> None:
    worm_id = bucket.init_bucket_worm(1).worm_id
    assert refused(bucket.complete_bucket_worm, "other").code == "NoSuchWORMConfiguration"
    assert refused(bucket.extend_bucket_worm, worm_id, 2).code == "InvalidWORMConfiguration"
    assert refused(bucket.init_bucket_worm, 0).code == "InvalidArgument"


def test_a_policy_that_nobody_locks_within_a_day_expires(oss: Running, bucket: Any) -> None:
    worm_id = bucket.init_bucket_worm(1).worm_id
    kept = oss.store.settings.get("photos", "worm") or ""
    made = kept.partition("<CreationDate>")[2].partition("<")[0]
    oss.store.settings.put("photos", "worm", "", kept.replace(made, "2020-01-01T00:00:00.000Z"))
    assert bucket.get_bucket_worm().state == "Expired"
    assert refused(bucket.complete_bucket_worm, worm_id).code == "InvalidWORMConfiguration"
