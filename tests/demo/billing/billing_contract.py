"""The contract itself, read from its YAML, as a judge over requests and answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import yaml
from jsonschema import RefResolver
from openapi_schema_validator import OAS30Validator, oas30_format_checker

FILE = Path(__file__).parents[3] / "backend/billing/billing-api.yml"


class Contract:
    def __init__(self) -> None:
        self.document: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
        self._resolver = RefResolver.from_schema(self.document)

    def documented(self) -> set[tuple[str, str, int]]:
        """Every (path, method, status) of the contract."""
        return {
            (path, method, int(status))
            for path, operations in self.document["paths"].items()
            for method, operation in operations.items()
            for status in operation["responses"]
        }

    def complaints(self, body: Any, schema: dict[str, Any]) -> list[str]:
        validator = OAS30Validator(
            schema, resolver=self._resolver, format_checker=oas30_format_checker
        )
        return [error.message for error in validator.iter_errors(body)]

    def judge_answer(self, path: str, method: str, response: httpx.Response) -> None:
        answer = self.document["paths"][path][method]["responses"][str(response.status_code)]
        if "$ref" in answer:
            _, answer = self._resolver.resolve(answer["$ref"])
        for media_type, content in answer.get("content", {}).items():
            assert response.headers["content-type"].split(";")[0] == media_type
            assert self.complaints(response.json(), content["schema"]) == []
            if media_type == "application/problem+json":
                assert response.json()["status"] == response.status_code

    def judge_request(self, request: httpx.Request) -> None:
        address = re.sub(r"^/v1", "", request.url.path)
        path = re.sub(r"/accounts/[^/]+", "/accounts/{account}", address)
        operation = self.document["paths"][path][request.method.lower()]
        given = {"path": {"account": address.split("/")[2]} if "{" in path else {}}
        given["query"] = dict(request.url.params)
        for parameter in operation.get("parameters", []):
            name, place, schema = parameter["name"], parameter["in"], parameter["schema"]
            source = request.headers if place == "header" else given[place]
            value: Any = source.get(name)
            if value is None:
                assert not parameter.get("required"), name
                continue
            value = int(value) if schema["type"] == "integer" else value
            assert self.complaints(value, schema) == [], name
        assert set(given["query"]) <= {each["name"] for each in operation.get("parameters", [])}
        if "requestBody" in operation:
            assert request.headers["content-type"] == "application/json"
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert self.complaints(json.loads(request.content), schema) == []
        if operation.get("security") != []:
            assert request.headers["authorization"].startswith("Bearer ")
