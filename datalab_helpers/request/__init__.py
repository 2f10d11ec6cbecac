"""What a request asks for: `request.yml`, checked as a whole."""

from .load import load_request
from .settings import Analysis, MatchingSettings, ReleaseSettings, Request, RequestFile

__all__ = ["Analysis", "MatchingSettings", "ReleaseSettings", "Request", "RequestFile", "load_request"]
