"""What the web applications of all our processes have in common: limits and times."""

from __future__ import annotations

from sanic import Sanic

# What requests under way may take after SIGTERM, seconds.
SHUTDOWN = 10.0
# Above the connectors' own limit, so that they can answer 413 themselves.
REQUEST_MAX_SIZE = 4 * 1024 * 1024
# Seconds that an idle connection is kept.
KEEP_ALIVE = 65


def new_app(name: str) -> Sanic:
    """An application without any route."""
    app = Sanic(name, configure_logging=False)
    app.config.REQUEST_MAX_SIZE = REQUEST_MAX_SIZE
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = SHUTDOWN
    app.config.KEEP_ALIVE_TIMEOUT = KEEP_ALIVE
    return app
