"""Dashboards over the function's log, for Simple Log Service (SLS) and for Grafana over SLS or over Tencent's CLS."""
