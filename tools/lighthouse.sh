#!/bin/sh
# Lighthouse on public pages, phone profile: tools/lighthouse.sh http://127.0.0.1:8000/p/bearing/ [another address …]
#
# Run it beside `make serve` (the production process; `make demo` serves uncompressed files). It asks npm for Lighthouse
# once, into LIGHTHOUSE_DIR, so it is no part of `make check`. Chromium comes from CHROMIUM or the PATH.
# Prints the four scores and the bytes over the wire of each page; exit 1 where a page misses what docs/pages.md says.
set -eu
VERSION=13.5.0
FOLDER=${LIGHTHOUSE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/headwater-lighthouse}
[ $# -gt 0 ] || { echo "Which page? tools/lighthouse.sh http://127.0.0.1:8000/p/bearing/" >&2; exit 2; }
command -v npm >/dev/null || { echo "npm is needed for Lighthouse." >&2; exit 2; }
if ! [ -x "$FOLDER/node_modules/.bin/lighthouse" ]; then
    mkdir -p "$FOLDER"
    npm install --silent --no-audit --no-fund --prefix "$FOLDER" "lighthouse@$VERSION"
fi
CHROME_PATH=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
export CHROME_PATH
missed=0
for page in "$@"; do
    report=$(mktemp)
    "$FOLDER/node_modules/.bin/lighthouse" "$page" --quiet --output=json --output-path="$report" \
        --only-categories=performance,accessibility,best-practices,seo \
        --chrome-flags="--headless=new --no-sandbox --disable-gpu --disable-background-networking"
    node - "$report" "$page" <<'JS' || missed=1
const report = JSON.parse(require("fs").readFileSync(process.argv[2]));
const least = { performance: 95, accessibility: 100, "best-practices": 95, seo: 100 };
const score = (key) => Math.round(report.categories[key].score * 100);
const items = (report.audits["network-requests"].details || { items: [] }).items;
const bytes = (test) => items.filter(test).reduce((sum, one) => sum + (one.transferSize || 0), 0);
const picture = (one) => one.resourceType === "Image";
const text = bytes((one) => !picture(one)), pictures = bytes(picture);
console.log(process.argv[3]);
for (const key of Object.keys(least)) console.log(`  ${key} ${score(key)} (at least ${least[key]})`);
console.log(`  ${(text / 1000).toFixed(1)} KB without pictures (under 150), ${(pictures / 1000).toFixed(1)} KB of pictures`);
for (const key of ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"])
  console.log(`  ${report.audits[key].title}: ${report.audits[key].displayValue}`);
const weak = Object.values(report.audits).filter((one) => one.score !== null && one.score < 0.9 && one.scoreDisplayMode !== "informative");
for (const one of weak) console.log(`  - ${one.id}: ${one.displayValue || one.title}`);
process.exit(Object.keys(least).some((key) => score(key) < least[key]) || text >= 150000 ? 1 : 0);
JS
    rm -f "$report"
done
exit $missed
