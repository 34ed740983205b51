"""Deployment on Tencent Cloud: a plan of API calls, the check of the plan, and what sends the calls."""
