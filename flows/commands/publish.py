"""`settle publish`."""

from flows.commands.app import Given
from flows.commands.output import print_json, say
from flows.operations.settle import publish_again


def publish(*, given: Given) -> None:
    """Rebuild the warehouse from the lake."""
    path = publish_again(given)
    if given.as_json:
        print_json({"warehouse": path})
    else:
        say(f"warehouse: {path} (published)")
