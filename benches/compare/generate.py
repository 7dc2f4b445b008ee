#!/usr/bin/env python3
"""Writes the same cases for every runner: one request each, with its status and five values of the body. Only neon-contract's are held
against a JSON Schema as well.

generate.py FOLDER COUNT URL
"""

import json
import sys
from pathlib import Path

folder, count, url = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
TARGET = "/api/v2/projects"
PROJECT = {
    "id": "calm-sea-123456",
    "name": "shop",
    "platform_id": "aws",
    "region_id": "aws-us-east-2",
    "pg_version": 17,
    "created_at": "2025-01-01T00:00:00Z",
    "updated_at": "2025-01-02T00:00:00Z",
}
BODY = {"projects": [PROJECT], "pagination": {"cursor": "calm-sea-123456"}}
VALUES = {
    "$.projects[0].id": PROJECT["id"],
    "$.projects[0].name": PROJECT["name"],
    "$.projects[0].region_id": PROJECT["region_id"],
    "$.projects[0].pg_version": PROJECT["pg_version"],
    "$.pagination.cursor": BODY["pagination"]["cursor"],
}
SCHEMA = {
    "type": "object",
    "required": ["projects", "pagination"],
    "properties": {
        "projects": {
            "type": "array",
            "items": {
                "type": "object",
                "required": list(PROJECT),
                "properties": {
                    "id": {"type": "string", "pattern": "^[a-z0-9-]{1,60}$"},
                    "name": {"type": "string"},
                    "platform_id": {"type": "string"},
                    "region_id": {"type": "string"},
                    "pg_version": {"type": "integer", "minimum": 14, "maximum": 18},
                    "created_at": {"type": "string", "format": "date-time"},
                    "updated_at": {"type": "string", "format": "date-time"},
                },
            },
        },
        "pagination": {"type": "object", "properties": {"cursor": {"type": "string"}}},
    },
}


def write(path, text):
    path = folder / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


# The endpoint.
write("body.json", json.dumps(BODY))
write("schema.json", json.dumps(SCHEMA))
write(
    "nginx.conf",
    f"""daemon off; worker_processes 1; pid {folder.resolve()}/nginx.pid; error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 100000000; client_body_temp_path {folder.resolve()}/temp; proxy_temp_path {folder.resolve()}/temp;
  fastcgi_temp_path {folder.resolve()}/temp; uwsgi_temp_path {folder.resolve()}/temp; scgi_temp_path {folder.resolve()}/temp;
  server {{
    listen {url.rsplit(":", 1)[1]};
    location / {{ default_type application/json; return 200 '{json.dumps(BODY)}'; }}
  }}
}}
""",
)

# neon-contract.
schema = json.dumps(SCHEMA)
write(
    "specs/contract/v2.yaml",
    f"""openapi: 3.1.0
info: {{ title: One operation, version: "1" }}
servers: [{{ url: /api/v2 }}]
paths:
  /projects:
    get:
      operationId: listProjects
      responses: {{ "200": {{ description: a list, content: {{ application/json: {{ schema: {schema} }} }} }} }}
""",
)
write("specs/suite.yaml", "contracts: [contract/v2.yaml]\n")
write(
    "specs/requirements/all.yaml",
    "requirements: [{ id: V2-LIST, level: must, evidence: documented, statement: Projects are listed., source: the benchmark }]\n",
)
where = json.dumps(VALUES)
for number in range(count):
    write(
        f"specs/cases/{number // 1000:03}/case_{number:06}.yaml",
        f"title: Case {number}\nrequirements: [V2-LIST]\noperation: listProjects\nexpect: {{ status: 200, where: {where} }}\nsnapshot: {{ omit: true }}\n",
    )

# Hurl.
asserts = "".join(f'jsonpath "{path}" == {json.dumps(value)}\n' for path, value in VALUES.items())
for number in range(count):
    write(f"hurl/{number // 1000:03}/case_{number:06}.hurl", f"GET {url}{TARGET}\nAuthorization: Bearer key\nHTTP 200\n[Asserts]\n{asserts}")

# Newman.
checks = "".join(
    f"pm.expect(body{path[1:]}).to.eql({json.dumps(value)});" for path, value in VALUES.items()
)
script = f"pm.test('it is right', () => {{ pm.response.to.have.status(200); const body = pm.response.json(); {checks} }});"
few = min(count, 1000)
write(
    "newman.json",
    json.dumps(
        {
            "info": {"name": "cases", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
            "item": [
                {
                    "name": f"case {number}",
                    "event": [{"listen": "test", "script": {"exec": [script]}}],
                    "request": {"method": "GET", "url": url + TARGET, "header": [{"key": "Authorization", "value": "Bearer key"}]},
                }
                for number in range(few)
            ],
        }
    ),
)

# Tavern.
for number in range(few):
    write(
        f"tavern/test_{number:06}.tavern.yaml",
        json.dumps(
            {
                "test_name": f"case {number}",
                "stages": [
                    {
                        "name": "list",
                        "request": {"url": url + TARGET, "method": "GET", "headers": {"Authorization": "Bearer key"}},
                        "response": {"status_code": 200, "strict": ["json:off"], "json": BODY},
                    }
                ],
            }
        ),
    )
