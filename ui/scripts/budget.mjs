// Reports what the built application weighs, compressed as it is served, and fails when it is more than the budget.
// Initial: what the first page loads before anything can be seen. Whole: every script and style sheet there is.
import { readFileSync, readdirSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const INITIAL_MAX = 200_000;
const WHOLE_MAX = 600_000;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("manifest.json", dist), "utf8"));

/** The files that the entry needs: itself, its static imports and their style sheets. */
function initial() {
  const files = new Set();
  const visit = (key) => {
    const chunk = manifest[key];
    if (!chunk || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const sheet of chunk.css ?? []) files.add(sheet);
    for (const next of chunk.imports ?? []) visit(next);
  };
  for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) visit(key);
  return files;
}

const first = initial();
const sums = { initial: { gzip: 0, brotli: 0 }, whole: { gzip: 0, brotli: 0 } };
const rows = [];
let fonts = 0;
for (const name of readdirSync(new URL("assets/", dist))) {
  const bytes = readFileSync(new URL(`assets/${name}`, dist));
  if (name.endsWith(".woff2")) fonts += bytes.length;
  if (!/\.(js|css)$/.test(name)) continue;
  const size = { gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes).length };
  const isFirst = first.has(`assets/${name}`);
  for (const way of ["gzip", "brotli"]) {
    sums.whole[way] += size[way];
    if (isFirst) sums.initial[way] += size[way];
  }
  rows.push({ name, ...size, isFirst });
}
rows.sort((a, b) => b.gzip - a.gzip);
const kb = (n) => `${(n / 1000).toFixed(1).padStart(7)} kB`;
for (const row of rows.slice(0, 15))
  console.log(`${kb(row.gzip)} gzip ${kb(row.brotli)} br  ${row.isFirst ? "*" : " "} ${row.name}`);
console.log(`${kb(sums.initial.gzip)} gzip ${kb(sums.initial.brotli)} br  initial load (of ${kb(INITIAL_MAX)})`);
console.log(`${kb(sums.whole.gzip)} gzip ${kb(sums.whole.brotli)} br  all scripts and styles (of ${kb(WHOLE_MAX)})`);
console.log(`${kb(fonts)} fonts (woff2, loaded by script of the text)`);
if (sums.initial.gzip > INITIAL_MAX || sums.whole.gzip > WHOLE_MAX) {
  console.error("the application is heavier than its budget");
  process.exit(1);
}
