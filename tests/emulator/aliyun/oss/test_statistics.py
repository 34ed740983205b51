"""GetBucketStat and DescribeRegions, through the vendor's SDK."""

from __future__ import annotations

from typing import Any

from tests.emulator.aliyun.oss.test_versions import keep
from tests.emulator.running import Running, refused

KIB = 1024


def test_a_bucket_is_counted_by_storage_class_with_its_parts_and_markers(oss: Running, bucket: Any) -> None:
    stat = bucket.get_bucket_stat()
    assert (stat.storage_size_in_bytes, stat.object_count, stat.last_modified_time) == (0, 0, 0)
    keep(bucket)
    for key, size, storage_class in (
        ("a", 10, "Standard"),
        ("a", 20, "Standard"),
        ("b", 30, "IA"),
        ("c", 100 * KIB, "IA"),
        ("d", 5, "Archive"),
        ("e", 6, "ColdArchive"),
        ("f", 7, "DeepColdArchive"),
    ):
        bucket.put_object(key, b"x" * size, headers={"x-oss-storage-class": storage_class}).resp.read()
    bucket.delete_object("a").resp.read()
    upload = bucket.init_multipart_upload("g").upload_id
    bucket.upload_part("g", upload, 1, b"x" * 40)
    oss.store.create_bucket("others")
    oss.bucket("others").put_object("a", b"x")
    stat = bucket.get_bucket_stat()
    assert stat.object_count == 7
    assert stat.storage_size_in_bytes == 10 + 20 + 30 + 100 * KIB + 5 + 6 + 7 + 40
    assert (stat.standard_object_count, stat.standard_storage) == (2, 30)
    assert (stat.infrequent_access_object_count, stat.infrequent_access_real_storage) == (2, 100 * KIB + 30)
    assert stat.infrequent_access_storage == 164 * KIB
    assert (stat.archive_object_count, stat.archive_real_storage, stat.archive_storage) == (1, 5, 64 * KIB)
    assert (stat.cold_archive_object_count, stat.cold_archive_real_storage) == (1, 6)
    assert (stat.deep_cold_archive_object_count, stat.deep_cold_archive_real_storage) == (1, 7)
    assert (stat.multi_part_upload_count, stat.multipart_part_count, stat.live_channel_count) == (1, 1, 0)
    assert stat.delete_marker_count == 1
    assert stat.last_modified_time == bucket.head_object("f").last_modified
    assert refused(oss.bucket("nowhere").get_bucket_stat).code == "NoSuchBucket"


def test_the_regions_of_the_service_are_told(oss: Running) -> None:
    for version in ("v1", "v4"):
        service = oss.service(version)
        assert len(service.describe_regions().regions) > 20
        (region,) = service.describe_regions("oss-cn-hangzhou").regions
        assert region.region == "oss-cn-hangzhou"
        assert region.internet_endpoint == "oss-cn-hangzhou.aliyuncs.com"
        assert region.internal_endpoint == "oss-cn-hangzhou-internal.aliyuncs.com"
        error = refused(service.describe_regions, "oss-moon")
        assert (error.status, error.code) == (404, "NoSuchRegion")
