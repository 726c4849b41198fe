"""Services that are asked over the network, as their documentation has them, on loopback: a module an API."""

from .base import Api, Asked, Fault, Reply, Services, json_reply, serving

__all__ = ["Api", "Asked", "Fault", "Reply", "Services", "json_reply", "serving"]
