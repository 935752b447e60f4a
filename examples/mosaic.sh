#!/usr/bin/env bash
# Mosaic with curl: upload sources, create an avatar of a person, let it speak.
# Usage: VISAVIS_KEY=... examples/mosaic.sh image face.jpg voice.wav [video.mp4]
#        VISAVIS_KEY=... examples/mosaic.sh video clip.mp4 [video.mp4]
# VISAVIS_VOICE=en-US-heart lets a stock voice speak; then none is made of the sound.
set -euo pipefail
API=${VISAVIS_URL:-http://127.0.0.1:8400}
KEY=${VISAVIS_KEY:?make one: visavis admin keys create}
field() { python3 -c "import json,sys; print(json.load(sys.stdin)$1)"; }
call() { curl --silent --show-error --fail-with-body --header "Authorization: Bearer $KEY" "$@"; }

upload() { # kind file: prints the id of the uploaded asset
  local place id
  place=$(call -X POST "$API/uploads/$1/get_upload_url")
  id=$(field "[\"$1_id\"]" <<<"$place")
  local form=()
  while IFS= read -r pair; do form+=(--form-string "$pair"); done < <(python3 -c '
import json, sys
for name, value in json.load(sys.stdin)["upload_fields"].items():
    print(f"{name}={value}")' <<<"$place")
  curl --silent --show-error --fail "${form[@]}" --form "file=@$2" "$(field '["upload_url"]' <<<"$place")"
  call -X POST "$API/uploads/$1/finalize_upload" -H 'Content-Type: application/json' \
    -d "{\"$1_id\": \"$id\"}" >/dev/null
  echo "$id"
}

if [[ $1 == image ]]; then
  SOURCES='{"image_id": "'$(upload image "$2")'", "audio_id": "'$(upload audio "$3")'"}'
  OUT=${4:-mosaic.mp4}
else
  SOURCES='{"video_id": "'$(upload video "$2")'"}'
  OUT=${3:-mosaic.mp4}
fi

PROFILE=$(call -X POST "$API/avatar-profiles/create" -H 'Content-Type: application/json' \
  -d '{"name": "Ana", "sources": '"$SOURCES"', "voice": "'"${VISAVIS_VOICE:-}"'"}' | field '["id"]')
echo "avatar profile $PROFILE"

# The avatar may still be processing: the run waits for it.
RUN=$(call -X POST "$API/agent/example/run" -H 'Content-Type: application/json' \
  -d '{"update_params": {"tile": {"avatar_profile_id": "'"$PROFILE"'", "script": "Hello, this is my avatar."}}}' \
  | field '["run_id"]')
echo "run $RUN"

while true; do
  STATUS=$(call "$API/agent_run/$RUN")
  case $(field '["status"]' <<<"$STATUS") in
    completed) break ;;
    failed | cancelled) echo "$STATUS" >&2; exit 1 ;;
  esac
  sleep 1
done
curl --silent --show-error --fail --output "$OUT" "$(field '["outputs"][0]["video_url"]' <<<"$STATUS")"
echo "video in $OUT"
