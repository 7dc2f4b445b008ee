#!/usr/bin/env bash
# The official CLI. Wants NEON_API_URL (an origin), NEON_API_KEY, and CLI (the program).
set -euo pipefail
config=$(mktemp -d)
trap 'rm -rf "$config"' EXIT
export CI=1 NO_UPDATE_NOTIFIER=1

neon() {
  "$CLI" "$@" --api-host "$NEON_API_URL/api/v2" --api-key "${KEY:-$NEON_API_KEY}" --no-analytics --config-dir "$config" -o json
}
expect() { # expect WHAT WANTED FOUND
  if [ "$2" != "$3" ]; then echo "$1: expected $2, found $3" >&2; exit 1; fi
  echo "ok: $1"
}

expect "me tells the address" true "$(neon me | jq '.email | contains("@")')"
expect "the fixture's projects are listed" 2 "$(neon projects list | jq '.projects | length')"
project=$(neon projects create --name cli --region-id aws-us-east-2 | jq -r .project.id)
expect "a project reads as it was made" cli "$(neon projects get "$project" | jq -r .name)"
expect "a project is renamed" renamed "$(neon projects update "$project" --name renamed | jq -r .name)"

expect "there is the default branch" main "$(neon branches list --project-id "$project" | jq -r '.[0].name')"
branch=$(neon branches create --project-id "$project" --name dev | jq -r .branch.id)
expect "the branch has a compute" read_write \
  "$(neon branches get dev --project-id "$project" >/dev/null; curl -sS -H "Authorization: Bearer $NEON_API_KEY" "$NEON_API_URL/api/v2/projects/$project/branches/$branch/endpoints" | jq -r '.endpoints[0].type')"
expect "the branch is renamed" feature "$(neon branches rename dev feature --project-id "$project" | jq -r .name)"
neon branches set-default feature --project-id "$project" >/dev/null
expect "the default has moved" feature \
  "$(neon branches list --project-id "$project" | jq -r '.[] | select(.default) | .name')"
neon branches set-default main --project-id "$project" >/dev/null
expect "the branch is reset" true \
  "$(neon branches reset feature --parent --project-id "$project" | jq '.last_reset_at != null')"

neon roles create --project-id "$project" --branch feature --name writer >/dev/null
expect "roles are listed" '["neondb_owner","writer"]' \
  "$(neon roles list --project-id "$project" --branch feature | jq -c 'map(.name) | sort')"
neon databases create --project-id "$project" --branch feature --name books --owner-name writer >/dev/null
expect "databases are listed" '["books","neondb"]' \
  "$(neon databases list --project-id "$project" --branch feature | jq -c 'map(.name) | sort')"
uri=$("$CLI" connection-string feature --project-id "$project" --role-name writer --database-name books \
  --api-host "$NEON_API_URL/api/v2" --api-key "$NEON_API_KEY" --no-analytics --config-dir "$config")
expect "the connection string fits" yes "$([[ $uri == postgresql://writer:*@ep-*/books* ]] && echo yes || echo "${uri//:*@/:…@}")"
neon databases delete books --project-id "$project" --branch feature >/dev/null
neon roles delete writer --project-id "$project" --branch feature >/dev/null
expect "operations are finished" '["finished"]' \
  "$(neon operations list --project-id "$project" | jq -c 'map(.status) | unique')"

neon branches delete feature --project-id "$project" >/dev/null
expect "the branch is gone" 1 "$(neon branches list --project-id "$project" | jq length)"

key=$(neon api-keys create --name cli | jq -c '{id, key}')
KEY=$(jq -r .key <<<"$key")
expect "the new key opens the account" renamed "$(neon projects get "$project" | jq -r .name)"
unset KEY
neon api-keys revoke "$(jq -r .id <<<"$key")" >/dev/null
KEY=$(jq -r .key <<<"$key")
if refusal=$(neon projects list 2>&1); then echo "a revoked key is accepted" >&2; exit 1; fi
expect "a revoked key is refused" yes "$(grep -qi 'rejected the API key' <<<"$refusal" && echo yes || echo no)"
unset KEY

neon projects delete "$project" >/dev/null
expect "the project is gone" 2 "$(neon projects list | jq '.projects | length')"
