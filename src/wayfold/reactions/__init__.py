"""What follows from the log: views, processes, deadlines, effects, and the runner of them all.

Knows nothing of Wayland; any application may react to its facts with this.
"""

from wayfold.reactions.agenda import OpenDeadline, PendingEffect
from wayfold.reactions.clock import Clock, SystemClock, VirtualClock
from wayfold.reactions.executor import AsyncioExecutor, Call, EffectRefused, Executor, Threads
from wayfold.reactions.followed import FollowedView
from wayfold.reactions.follower import AsOf
from wayfold.reactions.outcome import (
    CancelDeadline,
    CancelEffect,
    Effect,
    Outcome,
    Retry,
    SetDeadline,
)
from wayfold.reactions.parking import Parked
from wayfold.reactions.partitioned import Partitioned
from wayfold.reactions.process import Process
from wayfold.reactions.reacting import Reacting
from wayfold.reactions.reaction import OnFailure, Then
from wayfold.reactions.runner import Runner
from wayfold.reactions.tables import Tables
from wayfold.reactions.view import ElsewhereView, TableView, Unreachable, View

__all__ = [
    "AsOf",
    "AsyncioExecutor",
    "Call",
    "CancelDeadline",
    "CancelEffect",
    "Clock",
    "Effect",
    "EffectRefused",
    "ElsewhereView",
    "Executor",
    "FollowedView",
    "OnFailure",
    "OpenDeadline",
    "Outcome",
    "Parked",
    "Partitioned",
    "PendingEffect",
    "Process",
    "Reacting",
    "Retry",
    "Runner",
    "SetDeadline",
    "SystemClock",
    "TableView",
    "Tables",
    "Then",
    "Threads",
    "Unreachable",
    "View",
    "VirtualClock",
]
