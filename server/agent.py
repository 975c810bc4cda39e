"""Loads the trained model into an agent whose conversations and actions live in this process."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from backend.delivery.turn import current_turn
from server.conversation import ConversationStore
from server.internals.graph import run_directly
from server.internals.replay import replay_once
from server.internals.speed_up import speed_up


class InProcessActions(EndpointConfig):
    """Rasa's action endpoint without the HTTP: runs the same actions as `rasa run actions`.

    An action that fails is remembered in the turn, which then rolls back and runs again; Rasa by
    itself would go on without the action's events.
    """

    def __init__(self, package: str = "actions") -> None:
        """Registers every action of `package`."""
        super().__init__(url="in-process:actions", selective_domain=True)
        self.domain: dict[str, Any] = {}
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    async def answers(self) -> bool:
        """True if every action the model may call is registered."""
        wanted = {name for name in self.domain.get("actions", []) if isinstance(name, str)}
        return wanted <= set(self._executor.actions)

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Runs one action call in Rasa's action server format and returns its result."""
        call = kwargs["json"]
        call.setdefault("domain", self.domain)
        try:
            return await self._executor.run(call)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            turn = current_turn.get()
            if turn is not None and turn.failure is None:
                turn.failure = error
            raise


def replace_texts(agent: Agent, responses: dict[str, list[dict[str, Any]]]) -> None:
    """From the next message on the agent speaks these texts; what it has learnt stays."""
    agent.domain.responses = responses
    agent.nlg.responses = responses
    agent.action_endpoint.domain = {**agent.action_endpoint.domain, "responses": responses}


def load_agent(model: Path) -> Agent:
    """Loads `model`; takes a few seconds and blocks. Conversations never fall back to memory."""
    speed_up()
    run_directly()
    replay_once()
    actions = InProcessActions()
    agent = Agent(action_endpoint=actions)
    # Set directly: the agent would wrap it into a store that falls back to memory when it fails.
    agent.tracker_store = ConversationStore()
    agent.load_model(model)
    actions.domain = agent.domain.as_dict()
    return agent
