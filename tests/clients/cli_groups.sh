#!/usr/bin/env bash
# The commands of the official CLI that cli.sh does not run. Wants NEON_API_URL (an origin), NEON_API_KEY, CLI (the program), psql, and a
# mock with `--postgres` and the account `company`.
#
# Not run: `auth`, `open` and `claim` (they want the website), `psql` and `inspect` (they leave the port out of the host, so they reach
# port 5432 only), `ask`, `init`, `bootstrap`, `mcp`, `plugins` and `skills` (they talk to other services), `dev` (it runs functions itself).
# Operations that the contract does not have are asked for all the same; what the mock answers is not found.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export CI=1 NO_UPDATE_NOTIFIER=1

neon() {
  "$CLI" "$@" --api-host "$NEON_API_URL/api/v2" --api-key "$NEON_API_KEY" --no-analytics --config-dir "$folder" -o json
}
is() { # is WHAT WANTED FILTER COMMAND…: it ends well, and prints JSON of which the filter makes this
  local found
  neon "${@:4}" >out 2>err || { echo "$1: $(cat out err)" >&2; exit 1; }
  found=$(jq -c "$3" out) || { cat out err >&2; exit 1; }
  [ "$2" = "$found" ] || { echo "$1: expected $2, found $found" >&2; exit 1; }
  echo "ok: $1"
}
says() { # says WHAT PART COMMAND…: it ends well, and says this
  neon "${@:3}" >out 2>err || { echo "$1: $(cat out err)" >&2; exit 1; }
  grep -qF -- "$2" out err || { echo "$1: no '$2' in: $(cat out err)" >&2; exit 1; }
  echo "ok: $1"
}
fails() { # fails WHAT PART COMMAND…: it ends with 1, and says this
  local code=0
  neon "${@:3}" >out 2>err || code=$?
  [ $code = 1 ] && grep -qF -- "$2" err || { echo "$1: exit code $code: $(cat out err)" >&2; exit 1; }
  echo "ok: $1"
}
of_api() { curl -sS -H "Authorization: Bearer $NEON_API_KEY" "$NEON_API_URL/api/v2$1"; }

is "organizations are listed" '["Example Club","Example Company","Example Holding"]' 'map(.name) | sort' orgs list
company=$(jq -r '.[] | select(.name == "Example Company").id' out)
is "projects of an organization are listed" '["product","prototype"]' 'map(.name) | sort' projects list --org-id "$company"
product=$(jq -r '.[] | select(.name == "product").id' out)

# VPC endpoints of an organization and of a project.
vpc=vpce-0123456789abcdef0
at=(--org-id "$company" --region-id aws-us-east-2)
fails "what is not assigned restricts nothing" "not found: $vpc" vpc project restrict $vpc --project-id "$product"
is "an endpoint is assigned" '{}' . vpc endpoint assign $vpc "${at[@]}" --label office
is "it is listed" "[[\"$vpc\",\"office\"]]" 'map([.vpc_endpoint_id, .label])' vpc endpoint list "${at[@]}"
is "a project is restricted to it" '{}' . vpc project restrict $vpc --project-id "$product" --label mine
is "the restriction is listed" '["mine"]' 'map(.label)' vpc project list --project-id "$product"
is "its status counts the project" 1 .num_restricted_projects vpc endpoint status $vpc "${at[@]}"
is "the restriction is removed" '{}' . vpc project remove $vpc --project-id "$product"
is "there is none" '[]' . vpc project list --project-id "$product"
is "the endpoint is removed" '{}' . vpc endpoint remove $vpc "${at[@]}"
fails "it is not there" "VPC endpoint not found: $vpc" vpc endpoint remove $vpc "${at[@]}"

is "a project is created" '"groups"' .project.name projects create --name groups
project=$(jq -r .project.id out)
uri=$(jq -r '.connection_uris[0].connection_uri' out)
on=(--project-id "$project")
is "the API is called" '"groups"' .project.name api "/projects/$project"
is "no address is allowed" '[]' .IP_addresses ip-allow list "${on[@]}"
is "one is added" '["192.0.2.1"]' .IP_addresses ip-allow add 192.0.2.1 "${on[@]}"
is "it is removed" '[]' .IP_addresses ip-allow remove 192.0.2.1 "${on[@]}"
is "others take the place" '["192.0.2.2"]' .IP_addresses ip-allow reset 192.0.2.2 "${on[@]}"

# Branches: their schemas, and what they are restored from.
is "a branch is created" '"dev"' .branch.name branches create --name dev "${on[@]}"
is "a schema is the same" false '.[0].has_changes' diff main --branch dev "${on[@]}"
psql -q "$uri" -c 'CREATE TABLE notes (note text)'
says "a schema differs" "-CREATE TABLE public.notes (" branches schema-diff main dev "${on[@]}"
is "the other command says so" '[true,"main","dev"]' '.[0] | [.has_changes, .base_branch, .compare_branch]' diff main --branch dev "${on[@]}"
is "the branch is restored" '"dev"' .name branches restore dev main "${on[@]}"
is "then it does not differ" false '.[0].has_changes' diff main --branch dev "${on[@]}"
is "it ends some day" '"2090-01-01T00:00:00Z"' .expires_at branches set-expiration dev --expires-at 2090-01-01T00:00:00Z "${on[@]}"
is "it gets a compute to read" '"read_only"' .type branches add-compute dev --type read_only "${on[@]}"

# Snapshots and their schedule.
is "a snapshot is taken" '["one",true]' '[.name, .manual]' snapshots create --name one --branch main "${on[@]}"
is "it is listed" '["one"]' 'map(.name)' snapshots list "${on[@]}"
is "it is renamed" '"two"' .name snapshots update one --name two "${on[@]}"
is "it is found by its name" '"two"' .name snapshots get two "${on[@]}"
is "nothing is scheduled" '[]' . snapshots schedule get --branch main "${on[@]}"
schedule='[{"frequency":"daily","hour":3,"retention_seconds":604800}]'
is "a schedule is set" "$schedule" . snapshots schedule set --branch main --frequency daily --hour 3 --retention 604800 "${on[@]}"
is "it is kept" "$schedule" . snapshots schedule get --branch main "${on[@]}"
is "the snapshot is restored" '"restored"' .restored_branch.name snapshots restore two --name restored "${on[@]}"
is "the restored branch takes the place" true 'length > 0' snapshots finalize restored --name before "${on[@]}"
is "the other is there under its new name" '[["before",false],["dev",false],["main",true]]' \
  'map([.name, .default]) | sort' branches list "${on[@]}"
is "the snapshot is deleted" '"two"' .name snapshots delete two "${on[@]}"
fails "it is not there" 'Snapshot "two" not found' snapshots get two "${on[@]}"

# Neon Auth.
says "Neon Auth is off" "not configured" neon-auth status "${on[@]}"
is "it is enabled" '["better_auth","neon_auth"]' '[.auth_provider, .schema_name]' neon-auth enable "${on[@]}"
is "it has a status" '["neon","neondb"]' '[.owned_by, .db_name]' neon-auth status "${on[@]}"
oauth=(neon-auth oauth-provider)
is "a provider is added" '["github","abc"]' '[.id, .client_id]' \
  "${oauth[@]}" add --provider-id github --oauth-client-id abc --oauth-client-secret def "${on[@]}"
is "it is changed" '"ghi"' .client_id "${oauth[@]}" update --provider-id github --oauth-client-id ghi "${on[@]}"
is "it is listed" '["github"]' 'map(.id)' "${oauth[@]}" list "${on[@]}"
says "it is deleted" 'provider "github" deleted' "${oauth[@]}" delete --provider-id github "${on[@]}"
says "a domain is trusted" "added" neon-auth domain add https://app.example.com "${on[@]}"
is "it is listed" '["https://app.example.com"]' 'map(.domain)' neon-auth domain list "${on[@]}"
says "it is not trusted any more" "deleted" neon-auth domain delete https://app.example.com "${on[@]}"
says "this machine is not trusted" "restricted" neon-auth domain allow-localhost disable "${on[@]}"
is "that is kept" false .allow_localhost neon-auth domain allow-localhost get "${on[@]}"
says "this machine is trusted" "allowed" neon-auth domain allow-localhost enable "${on[@]}"
config=(neon-auth config)
is "nobody may sign up" true .disable_sign_up "${config[@]}" email-password update --disable-sign-up "${on[@]}"
is "that is kept" true .disable_sign_up "${config[@]}" email-password get "${on[@]}"
is "mail is sent by others" '"shared"' .type "${config[@]}" email-provider get "${on[@]}"
is "mail is sent by the user's own" '["standard","mail.example.com"]' '[.type, .host]' "${config[@]}" email-provider update --type standard \
  --host mail.example.com --port 587 --username u --password p --sender-email a@example.com --sender-name A "${on[@]}"
is "organizations are limited" 3 .organization_limit "${config[@]}" organization update --enabled --limit 3 --creator-role owner "${on[@]}"
is "that is kept" 3 .organization_limit "${config[@]}" organization get "${on[@]}"
is "a webhook is set" '"https://hooks.example.com"' .webhook_url \
  "${config[@]}" webhook update --enabled --url https://hooks.example.com --enabled-events user.created "${on[@]}"
is "that is kept" '["user.created"]' .enabled_events "${config[@]}" webhook get "${on[@]}"
is "plugins are listed" 3 .organization.organization_limit neon-auth plugins list "${on[@]}"
is "one is shown" 3 .organization_limit neon-auth plugins get organization "${on[@]}"
says "a user is created" "u@example.com" neon-auth user create --email u@example.com --name U "${on[@]}"
user=$(sed -n 's/ *ID: *//p' out)
says "the user has a role" "admin" neon-auth user set-role "$user" --roles admin "${on[@]}"
says "the user is deleted" "deleted" neon-auth user delete "$user" "${on[@]}"
fails "no test mail is sent" "does not exist" "${config[@]}" email-provider test --recipient-email b@example.com "${on[@]}"

# The Data API.
data=(--database neondb "${on[@]}")
is "the Data API is created" true '.url | endswith("/neondb/rest/v1")' data-api create "${data[@]}"
says "its settings are changed" "settings updated" data-api update --db-max-rows 7 "${data[@]}"
is "they are kept" '["ready",7]' '[.status, .settings.db_max_rows]' data-api get "${data[@]}"
says "its schema is read again" "refreshed" data-api refresh-schema "${data[@]}"
says "it is deleted" "deleted" data-api delete "${data[@]}"
fails "it is not there" "not found: neondb" data-api get "${data[@]}"

# Buckets, functions and credentials: off until there is one.
fails "there are no buckets" "not enabled" buckets list "${on[@]}"
says "a bucket is created" '"files" (private) created' buckets create files "${on[@]}"
is "it is listed" '["files"]' 'map(.name)' buckets list "${on[@]}"
is "it is empty" '[]' .objects buckets object list files "${on[@]}"
fails "no object store is behind it" "object store behind bucket not found" buckets object put files/a --file out "${on[@]}"
fails "an object is not there" "object not found: a" buckets object get files/a --file a "${on[@]}"
says "it is deleted" "deleted" buckets delete files "${on[@]}"
fails "there are no functions" "not enabled" functions list "${on[@]}"
mkdir code && echo 'export default { fetch: () => new Response("hi") }' >code/index.mjs
is "a function is deployed" '["completed",["KIND"]]' '[.status, .environment]' functions deploy hello --src code --no-bundle --env KIND=test "${on[@]}"
is "it is listed" '["hello"]' 'map(.slug)' functions list "${on[@]}"
is "it is shown" '"completed"' .current_deployment.status functions get hello "${on[@]}"
says "it is deleted" "deleted" functions delete hello "${on[@]}"
fails "there are no credentials" "not enabled" credentials list "${on[@]}"
is "a credential is created" '["ci",["storage:read"]]' '[.name, .scopes]' credentials create --name ci --scope storage:read "${on[@]}"
token=$(jq -r .token_id out)
is "it is listed" "[\"$token\"]" 'map(.token_id)' credentials list "${on[@]}"
says "it is revoked" "revoked" credentials revoke "$token" "${on[@]}"
fails "it is not revealed" "not found" credentials reveal "$token" "${on[@]}"
fails "it is not rotated" "not found" credentials rotate "$token" "${on[@]}"
fails "there are no triggers" "does not exist" triggers list "${on[@]}"
fails "there are no domains" "does not exist" functions domains list "${on[@]}"
fails "there are no logs" "does not exist" logs query "${on[@]}"

# What a folder remembers.
says "a folder is linked" "" link --branch main "${on[@]}"
jq -e --arg project "$project" '.projectId == $project' .neon >/dev/null
says "another branch is checked out" "" checkout dev
is "its state is shown" '["groups","dev"]' '[.project.name, .branch.name]' status
is "the other command says so" '"dev"' .branch.name config status
says "variables are pulled" "DATABASE_URL" env pull
pulled=$(sed -n 's/^DATABASE_URL_UNPOOLED="\(.*\)"$/\1/p' .env.local)
[ "$(psql -Atc 'SELECT count(*) FROM notes' "$pulled")" = 0 ] || { echo "the pulled URI opens something else" >&2; exit 1; }
says "a folder is told" "deprecated" set-context "${on[@]}"
git init -q .
says "the hook of git is installed" "post-checkout" git install
is "that is shown" true .hookInstalled git status
says "it is removed" "" git uninstall
says "Neon Auth is disabled" "disabled" neon-auth disable --delete-data --branch main "${on[@]}"
says "words are completed" "_neon_yargs_completions" completion

# A project that is deleted comes back, and is deleted.
is "a project is deleted" '"groups"' .name projects delete "$project"
fails "it is not there" "not found" projects get "$project"
is "it is recovered" '"groups"' .name projects recover "$project"
is "it is there" '"groups"' .name projects get "$project"
is "it is deleted again" '"groups"' .name projects delete "$project"
# Nothing is left.
[ "$(of_api /projects | jq -c '[.projects[].name]')" = '["private"]' ]
[ "$(of_api "/projects?org_id=$company" | jq -c '[.projects[].name] | sort')" = '["product","prototype"]' ]
