#!/usr/bin/env bash
# The first hour with Freehold, told by running it: two homes, one endpoint, a private request, the account.
#
# Works in a folder of its own on a free port, calls nobody outside this machine, and stops only what it started.
# Needs `freehold` on the path, curl, and a Python with the openai package (PYTHON names it).
set -euo pipefail

PYTHON=${PYTHON:-python3}
folder=$(mktemp -d)
gateway=
cd "$folder"

finish() {
    [[ -z $gateway ]] || { kill "$gateway" && wait "$gateway"; } 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
field() { "$PYTHON" -c 'import json, sys; print(json.loads(sys.stdin.readline())[sys.argv[1]])' "$1"; }
ask() { curl -s -o answer.json -D headers.txt -w '%{http_code}\n' "$url/chat/completions" \
    -H 'content-type: application/json' "$@"; }
header() { tr -d '\r' <headers.txt | sed -n "s/^$1: //p"; }
owner() { cat "/proc/$gateway/task/$gateway/children"; }
until_true() {
    for _ in $(seq 200); do ! "$@" >/dev/null 2>&1 || return 0; sleep 0.1; done
    echo "gave up waiting for: $*" >&2
    return 1
}

ticket='My order #48213 arrived broken. I need a replacement before Friday!'
body=$(printf '{"model": "triage", "messages": [{"role": "user", "content": "%s"}]}' "$ticket")

say 'A config: one model that we own, one that we would rent (here a sandbox, and it says so)'
freehold init
# The owned model from a file of our own, so that we can take it away later.
cp "$("$PYTHON" -c 'from pathlib import Path; from freehold.engine import resolve_weights
print(resolve_weights("builtin:triage", Path.cwd()))')" owned.gguf
sed -i 's/builtin:triage/owned.gguf/' freehold.toml
freehold check

say 'Serve it'
freehold serve --port 0 --json >ready.json 2>serve.log &
gateway=$!
until_true grep -q '^}' ready.json
url=$("$PYTHON" -c 'import json; print(json.load(open("ready.json"))["url"])')
echo "$url"

say 'Ask it with curl'
[[ $(ask -d "$body") == 200 ]]
cat answer.json
header x-freehold-reason
[[ $(header x-freehold-tenure) == owned ]]

say 'Ask it with the official OpenAI client; only the address is ours'
"$PYTHON" - "$url" "$ticket" <<'PY'
import sys

from openai import OpenAI

client = OpenAI(base_url=sys.argv[1], api_key="none")
answer = client.chat.completions.create(model="triage", messages=[{"role": "user", "content": sys.argv[2]}])
print(answer.choices[0].message.content)
PY

say 'Ask both homes the same'
freehold try triage "$ticket"

say 'A personal request may go to the owned model'
[[ $(ask -H 'x-freehold-label: personal' -d "$body") == 200 ]]
header x-freehold-reason
[[ $(header x-freehold-tenure) == owned ]]

say 'Take the owned model away: its file is gone and its engine dies'
mv owned.gguf away.gguf
kill -KILL $(owner)
until_true sh -c "! curl -sf ${url%/v1}/readyz"

say 'The same personal request is now an error, and not a rented answer'
[[ $(ask -H 'x-freehold-label: personal' -d "$body") == 503 ]]
cat answer.json
echo
refused=$(header x-request-id)

say 'Bring it back: it starts by itself'
mv away.gguf owned.gguf
until_true curl -sf "${url%/v1}/readyz"
[[ $(ask -H 'x-freehold-label: personal' -d "$body") == 200 ]]

say 'A key that may use this one route, made and taken away'
freehold keys create --route triage --note 'first hour' --json >key.json
key=$(tr -d '\n' <key.json | field key)
[[ $(ask -H "authorization: Bearer $key" -d "$body") == 200 ]]
freehold keys revoke "$(tr -d '\n' <key.json | field id)" --why 'the hour is over'
freehold keys list

say 'What was asked, and who answered'
freehold requests

say 'The story of the one that was not answered'
freehold explain "$refused"

say 'What it cost; simulated money stands apart'
freehold stats

say 'Stop: requests under way would finish first'
kill "$gateway"
wait "$gateway"
gateway=
