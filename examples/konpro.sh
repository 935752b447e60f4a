#!/usr/bin/env bash
# KonPro's guide with curl: choose an avatar and a voice, make a video, wait for it, download it.
# Usage: VISAVIS_KEY=... examples/konpro.sh [video.mp4]
set -euo pipefail
API=${VISAVIS_URL:-http://127.0.0.1:8400}
KEY=${VISAVIS_KEY:?make one: visavis admin keys create}
OUT=${1:-konpro.mp4}
field() { python3 -c "import json,sys; print(json.load(sys.stdin)$1)"; }
call() { curl --silent --show-error --fail-with-body --header "x-api-key: $KEY" "$@"; }

AVATAR=$(call "$API/v1/avatars" | field '["avatars"][0]["id"]')
VOICE=$(call "$API/v1/voices?language=en-US" | field '["voices"][0]["id"]')
echo "avatar $AVATAR, voice $VOICE"

JOB=$(call -X POST "$API/v1/video-avatars" \
  -H "Content-Type: application/json" \
  -H "Idempotency-Key: example-$$-$RANDOM" \
  -d '{
    "avatar_id": "'"$AVATAR"'",
    "voice_id": "'"$VOICE"'",
    "text": "Hello, welcome to Visavis! This is a sample video generation.",
    "settings": {"resolution": "'"${VISAVIS_RESOLUTION:-720p}"'", "format": "mp4", "background": "office"}
  }' | field '["job_id"]')
echo "job $JOB"

while true; do
  STATUS=$(call "$API/v1/video-avatars/$JOB")
  case $(field '["status"]' <<<"$STATUS") in
    completed) break ;;
    failed) echo "$STATUS" >&2; exit 1 ;;
  esac
  sleep 1
done
curl --silent --show-error --fail --output "$OUT" "$(field '["video_url"]' <<<"$STATUS")"
echo "video in $OUT"
