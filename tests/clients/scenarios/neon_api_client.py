"""Creates a branch, and deletes it."""

import os

from neon_api import NeonAPI

neon = NeonAPI(os.environ["NEON_API_KEY"], base_url=os.environ["NEON_API_URL"] + "/api/v2/")
project = os.environ["NEON_PROJECT_ID"]
branch = neon.branch_create(project, endpoints=[{"type": "read_write"}]).branch.id
neon.branch_delete(project, branch)
