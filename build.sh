#!/usr/bin/env bash
# The only command anyone must know:
#   ./build.sh [serve]   build the page and serve it at http://localhost:8000 (PORT chooses another)
#   ./build.sh test      everything: format, lints, Rust tests, browser tests
#   ./build.sh bench     the figures of the README: first load, timings
#   ./build.sh bench nn  the networks against onnxruntime-web, one JSON line for each
#   ./build.sh bench page     Lighthouse on the built page: performance, accessibility, best practices
#   ./build.sh bench quality  self-reenactment: what comes out beside what went in, and frame times
#   ./build.sh dist      write dist/, which any static host serves
#   ./build.sh gallery   contact sheets of singing portraits, for people to look at, in out/gallery/
# A fresh Debian machine needs only Rust (rustup) and Node 20. Steps already done are skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

say() { printf '\n== %s\n' "$*" >&2; }
stop() { printf '%s\n' "$*" >&2; exit 1; }

TARGET_DIR=${CARGO_TARGET_DIR:-target}
WASM=$TARGET_DIR/wasm32-unknown-unknown/release/portraoke.wasm

# ---------------------------------------------------------------- tools

need_rust() {
  command -v cargo >/dev/null || stop "Rust is missing: install it with rustup (https://rustup.rs) and run this again."
  if ! command -v rustup >/dev/null; then return; fi # a distribution's Rust: its own wasm target is used
  rustup target list --installed | grep -qx wasm32-unknown-unknown || rustup target add wasm32-unknown-unknown
}

need_node() {
  command -v node >/dev/null || stop "Node is missing: install Node 20 or newer and run this again."
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  ((major >= 20)) || stop "Node $major is too old: install Node 20 or newer and run this again."
  # npm ci empties node_modules first, so it runs only when the lock file changed.
  local lock
  lock=$(sha256sum package-lock.json | cut -d' ' -f1)
  if [[ $(cat node_modules/.portraoke-lock 2>/dev/null) != "$lock" ]]; then
    say "npm packages"
    npm ci --no-audit --no-fund
    echo "$lock" >node_modules/.portraoke-lock
  fi
}

# Sets WASM_BINDGEN to a wasm-bindgen of exactly the version that Cargo.lock holds: the two halves share a format.
need_wasm_bindgen() {
  local version candidate
  version=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/.*= "|"/, ""); print }' Cargo.lock)
  for candidate in "${WASM_BINDGEN:-}" .tools/bin/wasm-bindgen wasm-bindgen; do
    if [[ -n $candidate && $("$candidate" --version 2>/dev/null) == "wasm-bindgen $version" ]]; then
      WASM_BINDGEN=$candidate
      return
    fi
  done
  say "wasm-bindgen-cli $version (once, a few minutes)"
  # Without --locked: its lock file has pinned versions that registries have since withdrawn.
  cargo install --root .tools --target-dir "$TARGET_DIR/tools" wasm-bindgen-cli --version "$version"
  WASM_BINDGEN=.tools/bin/wasm-bindgen
}

apt_once() {
  if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
    say "apt-get install $*"
    apt-get install -y --no-install-recommends "$@" || { apt-get update && apt-get install -y --no-install-recommends "$@"; }
  fi
}

# Sets CHROMIUM, FFMPEG and, where there is no GPU, VK_DRIVER_FILES.
need_test_tools() {
  local missing=()
  find_chromium || missing+=(chromium)
  command -v "${FFMPEG:-ffmpeg}" >/dev/null || missing+=(ffmpeg)
  command -v "${EXIFTOOL:-exiftool}" >/dev/null || missing+=(libimage-exiftool-perl)
  find_vulkan || missing+=(mesa-vulkan-drivers)
  # Firefox draws WebGL 2 only on a display, and only where libpci tells it of a graphics card, even of none.
  command -v "${FIREFOX:-firefox-esr}" >/dev/null || missing+=(firefox-esr)
  [[ -n ${DISPLAY:-} ]] || command -v Xvfb >/dev/null || missing+=(xvfb libpci3 libgl1-mesa-dri libegl1)
  if ((${#missing[@]})); then apt_once "${missing[@]}"; fi
  find_chromium || stop "Chromium is missing: install it, or set CHROMIUM to the path of a Chromium or Chrome."
  command -v "${FFMPEG:=ffmpeg}" >/dev/null || stop "ffmpeg is missing: install it (with ffprobe beside it), or set FFMPEG to its path."
  command -v "${EXIFTOOL:=exiftool}" >/dev/null || stop "ExifTool is missing: install it, or set EXIFTOOL to its path."
  find_vulkan || stop "No Vulkan driver is installed: install Mesa's lavapipe, or set VK_DRIVER_FILES to a driver's .json file."
  FIREFOX=$(command -v "${FIREFOX:-firefox-esr}" || command -v firefox) || stop "Firefox is missing: install it, or set FIREFOX to its path."
  [[ -n ${DISPLAY:-} ]] || command -v Xvfb >/dev/null || stop "Xvfb is missing, and Firefox needs a display: install it, or set DISPLAY."
  export CHROMIUM EXIFTOOL FFMPEG FIREFOX
}

find_chromium() {
  local candidate
  for candidate in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [[ -n $candidate ]] && command -v "$candidate" >/dev/null; then
      CHROMIUM=$(command -v "$candidate")
      return
    fi
  done
  return 1
}

find_vulkan() {
  [[ -n ${VK_DRIVER_FILES:-} ]] && return
  [[ $(uname) == Linux ]] || return 0 # Metal and DirectX come with the system
  compgen -G '/dev/dri/renderD*' >/dev/null && return
  [[ -e /dev/nvidiactl ]] && return
  # Without a GPU lavapipe is pinned, so that no other software driver is picked by chance.
  local driver
  driver=$(compgen -G '/usr/share/vulkan/icd.d/lvp_icd*.json' | head -1) || return 1
  export VK_DRIVER_FILES=$driver
}

# ---------------------------------------------------------------- the page

# The release build serves dist and the browser tests alike: wasm is never built twice.
build_wasms() {
  need_rust
  need_wasm_bindgen
  build_wasm pkg "the page's wasm"
  build_wasm pkg-fallback "the fallback's wasm" --features fallback
}

# build_wasm FOLDER WHAT [FEATURES]: one wasm into dist/FOLDER. Both share the libraries that Cargo has built.
build_wasm() {
  local wasm=dist/$1/portraoke_bg.wasm began
  # Cargo keeps one build of a cdylib, and would make both again in turn: so the age of what came out decides.
  if [[ -e $wasm && -z $(find src .cargo Cargo.toml Cargo.lock -path src/bin -prune -o -newer "$wasm" -print -quit) ]]; then return; fi
  say "$2"
  began=$(mktemp)
  # As a cdylib alone: beside the rlib that native tests link, Cargo would leave LTO out, which costs 17 % in size.
  cargo rustc --release --lib --crate-type cdylib --target wasm32-unknown-unknown --no-default-features "${@:3}"
  # No wasm-opt: after compression it gains nothing over opt-level "z" and it costs minutes (see CONTRIBUTING.md).
  # Functions' names are an eighth of the download, and a panic tells its place without them.
  "$WASM_BINDGEN" --target web --no-typescript --remove-name-section --out-dir "dist/$1" "$WASM"
  touch -r "$began" "$wasm" # what was edited meanwhile is newer
  rm "$began"
}

# The networks compiled for the graphics card, by the native tool that the Rust tests use too.
build_plans() {
  say "plans"
  cargo build --bin portraoke
  mkdir -p dist/models
  "$TARGET_DIR/debug/portraoke" plan build models/*.onnx --out dist/models
}

assemble() {
  need_node
  mkdir -p dist/vendor dist/models
  # Whatever else lies in dist from an earlier build goes; the wasm is kept, it is dear.
  find dist -mindepth 1 -maxdepth 1 ! -name pkg ! -name pkg-fallback ! -name vendor ! -name models -exec rm -rf {} +
  cp -R www/. dist/
  find dist -name '*.py' -delete # scripts that made songs and portraits
  find dist/models -type f ! -name '*.plan' -delete
  local plan
  for plan in dist/models/*.plan; do [[ -e models/$(basename "$plan" .plan).onnx ]] || rm -f "$plan"; done
  cp models/*.onnx models/head.safetensors dist/models/
  rm -f dist/models/refiner.onnx # the fallback does without: its frames would leave the graphics card and come back
  local font=node_modules/@fontsource-variable/bricolage-grotesque media=node_modules/mediabunny gif=node_modules/gifenc
  cp "$font/files/bricolage-grotesque-latin-wght-normal.woff2" dist/vendor/bricolage-grotesque.woff2
  cp "$media/dist/bundles/mediabunny.min.mjs" "$gif/dist/gifenc.esm.js" dist/vendor/
  cp node_modules/fflate/esm/browser.js dist/vendor/fflate.mjs
  {
    echo "Portraoke: MIT OR Apache-2.0"
    printf '\n\n==== mediabunny (vendor/mediabunny.min.mjs, unmodified; source: https://github.com/Vanilagy/mediabunny)\n\n'
    cat "$media/LICENSE"
    printf '\n\n==== gifenc (vendor/gifenc.esm.js, unmodified; source: https://github.com/mattdesl/gifenc)\n\n'
    cat "$gif/LICENSE.md"
    printf '\n\n==== fflate (vendor/fflate.mjs, unmodified; source: https://github.com/101arrowz/fflate)\n\n'
    cat node_modules/fflate/LICENSE
    printf '\n\n==== Bricolage Grotesque (vendor/bricolage-grotesque.woff2, unmodified)\n\n'
    cat "$font/LICENSE"
    printf '\n\n==== CMUdict (English words in the wasm, chosen and recoded)\n\n'
    cat src/song/words/lexicon/LICENSE-cmudict.txt
    printf '\n\n==== pypinyin (readings of Chinese characters in the wasm, chosen and without tones; from the Unihan database)\n\n'
    cat src/song/words/lexicon/LICENSE-pypinyin.txt
  } >dist/vendor/LICENCES.txt
  node scripts/precache.mjs dist # last: it says what all the rest is
}

dist() {
  build_wasms
  build_plans
  assemble
}

# ---------------------------------------------------------------- commands

run_tests() {
  need_rust
  need_node
  need_test_tools
  say "format"
  cargo fmt --check
  say "lints"
  cargo clippy --all-targets -- -D warnings
  local log
  log=$(mktemp)
  # shellcheck disable=SC2064 # expanded now: the variable is local
  trap "rm -f '$log'" EXIT
  local failed=0
  say "Rust tests"
  cargo test 2>&1 | tee -a "$log" || failed=1
  dist
  say "browser tests"
  node --test --test-concurrency=1 --test-reporter=tap tests/browser/*.test.mjs 2>&1 | tee -a "$log" || failed=1
  # One closing line over both: cargo's "test result: ok. 12 passed; 1 failed" and node's "# pass 9", "# fail 0".
  awk -v failed=$failed '
    /^test result:/ { for (i = 1; i < NF; i++) { if ($(i + 1) ~ /^passed/) p += $i; if ($(i + 1) ~ /^failed/) f += $i } }
    /^# pass [0-9]/ { p += $3 }
    /^# (fail|cancelled) [0-9]/ { f += $3 }
    END { if (failed && !f) f = 1; printf "%d passed, %d failed\n", p, f; exit (f > 0) }
  ' "$log"
}

bench() {
  need_test_tools
  dist
  node tests/browser/bench.mjs
  say "native"
  local photos=()
  if [[ -d ../shared/assets/photos ]]; then photos=(--photos ../shared/assets/photos); fi
  cargo run --bin portraoke -- bench --score www/songs/daisy-bell.mxl "${photos[@]}"
}

# The project's networks, and three of well-known shape where Python can make them.
bench_nn() {
  {
    need_test_tools
    dist
    mkdir -p out/bench
    cp models/*.onnx out/bench/
    if [[ ! -e out/bench/hourglass_256.onnx ]]; then
      if need_python; then "$PYTHON" tests/nn/make_shapes.py out/bench; else say "No Python: the three standard shapes are left out"; fi
    fi
    npm ci --prefix tests/browser/nn --no-audit --no-fund
    "$TARGET_DIR/debug/portraoke" plan build out/bench/*.onnx
  } >&2
  node tests/browser/bench_nn.mjs out/bench "$@"
}

# Lighthouse is a package of its own: nothing else downloads it.
bench_page() {
  {
    need_test_tools
    dist
    npm ci --prefix tests/browser/lighthouse --no-audit --no-fund
  } >&2
  node tests/browser/lighthouse.mjs
}

# Needs the shared folder: clips, assets and the scorer are not ours to ship.
bench_quality() {
  need_test_tools
  need_python || stop "Python is missing: install Python 3.10 or newer and run this again."
  "$PYTHON" -c 'import cv2, moderngl, scipy' 2>/dev/null || "$PYTHON" -m pip install --quiet -r models/synth/requirements.txt
  cargo build --bin portraoke
  "$PYTHON" models/evaluate/quality.py --look out/quality/sheets "$@"
  cargo run --bin portraoke -- bench --score www/songs/daisy-bell.mxl
}

# Sets PYTHON to one that has PyTorch and onnxruntime: the one named, or our own.
need_python() {
  [[ -n ${PYTHON:-} ]] && return
  PYTHON=.tools/python/bin/python
  [[ -x $PYTHON ]] && return
  command -v python3 >/dev/null || return 1
  say "PyTorch and onnxruntime (once, some minutes)"
  python3 -m venv .tools/python && .tools/python/bin/pip install --quiet torch onnx onnxruntime numpy
}

case ${1:-serve} in
  serve)
    dist
    exec node scripts/serve.mjs dist
    ;;
  test) run_tests ;;
  bench)
    shift
    if [[ ${1:-} == quality ]]; then
      shift
      bench_quality "$@"
    elif [[ ${1:-} == page ]]; then
      bench_page
    elif [[ ${1:-} == nn ]]; then
      shift
      bench_nn "$@"
    else
      bench
    fi
    ;;
  dist)
    dist
    say "dist/ is ready: any static host can serve it"
    ;;
  gallery)
    need_rust
    find_vulkan || apt_once mesa-vulkan-drivers
    find_vulkan || stop "No Vulkan driver is installed: install Mesa's lavapipe, or set VK_DRIVER_FILES to a driver's .json file."
    shift
    # Every bundled portrait and every real photo at hand, or those named.
    portraits=("$@")
    if ! (($#)); then
      shopt -s nullglob
      photos=../shared/assets/photos
      portraits=(www/portraits/*.jpg "$photos"/*.png "$photos"/{paintings,modern,historic,congress}/*)
    fi
    cargo run --bin portraoke -- gallery --score www/songs/daisy-bell.mxl --out out/gallery "${portraits[@]}"
    ;;
  *) stop "Unknown command “$1”: use serve, test, bench, dist or gallery." ;;
esac
