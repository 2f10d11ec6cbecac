"""Run the four notebooks of a request in a chain and publish what they release.

The only importer of papermill. Notebooks write into the run's own folder, and `reports/<id>` is
swapped in at the very end: a request is published whole or not at all.
"""

from .batch import BatchLine, run_batch
from .chain import Published, run_request
from .publish import published_results, read_draft, verify

__all__ = ["BatchLine", "Published", "published_results", "read_draft", "run_batch", "run_request", "verify"]
