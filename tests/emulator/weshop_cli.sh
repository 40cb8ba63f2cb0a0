#!/bin/sh
# The vendor's own client, npm weshop-cli, against the emulator: an upload, the presets, all six agents
# waited for, and a run's status. WESHOP_CLI names an installed one.
. "$(dirname "$0")/common.sh"

command -v node >/dev/null || without "there is no node for weshop-cli"
if test -z "${WESHOP_CLI:-}"; then
    command -v npm >/dev/null || without "there is no npm for weshop-cli"
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/npm" weshop-cli@0.2.22 ||
        without "weshop-cli cannot be installed"
    WESHOP_CLI=$work/npm/node_modules/.bin/weshop
fi
# It keeps a cache of uploads and a key below the home directory; neither is to be the user's.
start --api-key cli-key --run-time-ms 300
export HOME="$work/home" WESHOP_API_KEY=cli-key WESHOP_BASE_URL="$base_url/openapi"
mkdir -p "$HOME"

# A picture of 64 by 64: one of the emulator's own would not be an upload.
picture=$work/picture.png
base64 -d >"$picture" <<'PNG'
iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAWUlEQVR42u3ZQQ0AMAgEQUTgXwXq
+qqKEmjmsgbmfXGWLwAAAAAAAAAAAAAA2gCV+TQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgHkADw0A
AAAAAAAAAADAN4ALQbSaO2qjDkAAAAAASUVORK5CYII=
PNG

cli() {
    echo "--- weshop $*"
    "$WESHOP_CLI" "$@" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
    cat "$work/out"
}
# A finished run names its images.
generates() {
    cli "$@"
    grep -q 'results/.*png' "$work/out" || { echo "no image in the answer"; exit 1; }
}

cli upload "$picture"
grep -q "$base_url/images/" "$work/out"
cli info aimodel --page-size 2
cli info removeBG
generates aimodel --image "$picture" --mask-type autoApparelSegment --generation-mode freeCreation \
    --prompt 'street style photo' --location-id 1001 --pose freePose --batch 2
generates aiproduct --image "$picture" --mask-type custom --custom-mask "$picture" \
    --generation-mode referToOrigin --prompt 'marble table'
generates aipose --image "$picture" --prompt 'hands on hips' --gen-version pro
generates expandimage --image "$picture" --width 200 --height 100 --fill-left 0
generates removebg --image "$picture" --mask-type autoSubjectSegment --bg-hex '#ced2ce'
generates virtualtryon --image "$picture" --gen-version bananaPro --prompt-mode custom \
    --prompt 'Figure 1 on Figure 2' --model-image "$picture" --image-size 2K --aspect-ratio 3:4
cli aipose --image "$picture" --prompt 'walking' --no-wait
run=$(grep -o 'run-[0-9a-f]*' "$work/out" | head -n 1)
cli status "$run"
echo "weshop-cli did all of it"
