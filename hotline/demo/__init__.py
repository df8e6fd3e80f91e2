"""演示 Demo: a believable hotline history as plain values, with injected hotspots whose truth is known."""

from __future__ import annotations

from hotline.demo.history import generate
from hotline.demo.records import Complainant, DemoHistory, DemoOrder, Fate, FateStep, InjectedEvent

__all__ = ["Complainant", "DemoHistory", "DemoOrder", "Fate", "FateStep", "InjectedEvent", "generate"]
