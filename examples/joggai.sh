#!/usr/bin/env bash
# JoggAI's quick start with curl: list, create from a script, poll, download.
# Usage: VISAVIS_KEY=... examples/joggai.sh [video.mp4]
set -euo pipefail
API=${VISAVIS_URL:-http://127.0.0.1:8400}/v2
KEY=${VISAVIS_KEY:?make one: visavis admin keys create}
OUT=${1:-joggai.mp4}
field() { python3 -c "import json,sys; print(json.load(sys.stdin)$1)"; }
call() { curl --silent --show-error --fail-with-body --header "x-api-key: $KEY" "$@"; }

AVATAR=$(call "$API/avatars/public?gender=female" | field '["data"]["avatars"][0]["id"]')
VOICE=$(call "$API/voices?language=english&gender=female" | field '["data"]["voices"][0]["voice_id"]')
echo "avatar $AVATAR, voice $VOICE"

VIDEO=$(call --request POST \
  --url "$API/create_video_from_avatar" \
  --header 'Content-Type: application/json' \
  --data '{
    "avatar": {"avatar_id": '"$AVATAR"', "avatar_type": 0},
    "voice": {
      "type": "script",
      "voice_id": "'"$VOICE"'",
      "script": "Welcome to Visavis! Create amazing videos with avatars in minutes."
    },
    "aspect_ratio": "portrait",
    "screen_style": 1,
    "caption": true
  }' | field '["data"]["video_id"]')
echo "video $VIDEO"

while true; do
  STATUS=$(call --request GET --url "$API/avatar_video/$VIDEO")
  case $(field '["data"]["status"]' <<<"$STATUS") in
    completed) break ;;
    failed) echo "$STATUS" >&2; exit 1 ;;
  esac
  sleep 1
done
curl --silent --show-error --fail --output "$OUT" "$(field '["data"]["video_url"]' <<<"$STATUS")"
echo "video in $OUT"
