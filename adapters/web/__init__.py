"""The web: the forum that anybody reads, and the local room that needs no account."""

from adapters.web.adapter import WebAdapter

__all__ = ["WebAdapter"]
