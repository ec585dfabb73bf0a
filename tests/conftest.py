"""Fixtures of every test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def ecg_data() -> Path:
    """The folder of real recordings, each database in its publisher's layout; without it a test is skipped."""
    folder = os.environ.get("ECG_DATA")
    if not folder:
        pytest.skip("ECG_DATA is not set: no real recordings to test with")
    return Path(folder)
