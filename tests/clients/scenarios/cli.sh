#!/usr/bin/env bash
# Creates a branch, and deletes it.
set -euo pipefail
export CI=1 NO_UPDATE_NOTIFIER=1
neon() {
  "$CLIENTS/node_modules/.bin/neon" "$@" --project-id "$NEON_PROJECT_ID" --api-host "$NEON_API_URL/api/v2" --no-analytics --config-dir "$PWD" -o json
}
made=$(neon branches create)
neon branches delete "$(jq -r .branch.id <<<"$made")"
