"""The API as these scripts ask it, beside the clients: what is there before and after. Wants NEON_API_URL and NEON_API_KEY."""

import json
import os
import urllib.request


def ask(method, path, body=None, base="/api/v2"):
    request = urllib.request.Request(
        os.environ["NEON_API_URL"] + base + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"authorization": "Bearer " + os.environ["NEON_API_KEY"], "content-type": "application/json"},
    )
    # A proxy is for the client.
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
        return json.load(response)


def control(method, path, body=None):
    """Asks the admin API of the mock."""
    return ask(method, path, body, "/_mock")


def branches(project):
    return [branch["name"] for branch in ask("GET", f"/projects/{project}/branches")["branches"]]


def projects():
    return [project["name"] for project in ask("GET", "/projects")["projects"]]
