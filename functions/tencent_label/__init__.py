"""The Tencent Cloud function: COS events in, labels out."""
