"""The Python client. Wants NEON_API_URL (an origin) and NEON_API_KEY."""

import os

from neon_api import NeonAPI
from neon_api.exceptions import NeonAPIError

url = os.environ["NEON_API_URL"] + "/api/v2/"
neon = NeonAPI(os.environ["NEON_API_KEY"], base_url=url)


def refused(call):
    try:
        call()
    except NeonAPIError as error:
        return str(error)
    raise AssertionError("it was not refused")


assert "@" in neon.me().email
assert len(neon.projects().projects) == 2
made = neon.project_create(project={"name": "python"})
project = made.project.id
assert neon.project(project).project.name == "python"
assert neon.project_update(project, project={"name": "renamed"}).project.name == "renamed"

branch = neon.branch_create(project, branch={"name": "dev"}, endpoints=[{"type": "read_write"}]).branch.id
assert {found.name for found in neon.branches(project).branches} == {"main", "dev"}
assert neon.branch_update(project, branch, branch={"name": "feature"}).branch.name == "feature"
neon.role_create(project, branch, "writer")
assert {role.name for role in neon.roles(project, branch).roles} == {"neondb_owner", "writer"}
neon.database_create(project, branch, database={"name": "books", "owner_name": "writer"})
assert {found.name for found in neon.databases(project, branch).databases} == {"neondb", "books"}
assert neon.database_delete(project, branch, "books").database.name == "books"
endpoint = neon.endpoints(project).endpoints[0].id
assert neon.endpoint(project, endpoint).endpoint.id == endpoint
assert neon.endpoint_suspend(project, endpoint).endpoint.id == endpoint
operations = neon.operations(project).operations
assert neon.operation(project, operations[0].id).operation.id == operations[0].id
uri = neon.connection_uri(project, "neondb", "neondb_owner", pooled=True).uri
assert uri.startswith("postgresql://neondb_owner:") and "-pooler." in uri
assert neon.branch_delete(project, branch).branch.id == branch

key = neon.api_key_create(key_name="python")
other = NeonAPI(key.key, base_url=url)
assert len(other.projects().projects) == 3
assert any(found.id == key.id for found in neon.api_keys())
assert neon.api_key_revoke(key.id).revoked
assert "do not pass authentication" in refused(other.projects)
assert "do not pass authentication" in refused(NeonAPI("wrong", base_url=url).projects)
assert neon.project_delete(project).project.id == project
assert "not found" in refused(lambda: neon.project(project))
print("ok")
