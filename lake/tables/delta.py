"""How Delta keeps a table of ours: every version, and a checkpoint now and then."""

from typing import Final

from deltalake import PostCommitHookProperties

KEEP_HISTORY: Final = PostCommitHookProperties(cleanup_expired_logs=False)
"""Delta forgets versions older than 30 days when it writes a checkpoint; the version that a run names may be one."""

CHECKPOINTS: Final[dict[str, str | None]] = {"delta.checkpointInterval": "10"}
"""Opening a table replays the commits since its last checkpoint."""
