/**
 * Builds the page of `unframe serve` without a server: files for any host of static files, and the same in one file that
 * can be opened from a disk.
 *
 * The network is the one of the Python package, and so is the page; nothing is fetched.
 *
 *     node build.mjs [FOLDER]     into `dist/` when omitted; the folder is emptied first
 */

import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const DIST = resolve(process.argv[2] ?? join(HERE, "dist"));
const PACKAGE = resolve(HERE, "../src/unframe");
const PAGE = join(PACKAGE, "serving/page");
const MODEL = join(PACKAGE, "runtime/weights/unframe-1");
const RUNTIME = join(HERE, "node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm");

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' blob:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'";
const OPTIONS = {
  absWorkingDir: HERE,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome110", "firefox114", "safari16.4"],
  legalComments: "inline",
  logLevel: "warning",
};
/** A worker that is no module starts from a disk, too, where modules have no origin that they could be loaded from. */
const WORKER = { format: "iife", define: { "import.meta.url": "self.location.href" } };

async function main() {
  const runtime = gzipSync(readFileSync(RUNTIME), { level: 9 });
  const worker = await bundled("src/worker.js", [], WORKER);
  checkModel();
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(join(DIST, "page"), { recursive: true });
  writeFileSync(join(DIST, "unframe.js"), await bundled("src/unframe.js"));
  writeFileSync(join(DIST, "worker.js"), worker);
  writeFileSync(join(DIST, "runtime.wasm.gz"), runtime);
  for (const name of ["card.json", "model.onnx"]) cpSync(join(MODEL, name), join(DIST, name));
  cpSync(join(HERE, "LICENCES.txt"), join(DIST, "LICENCES.txt"));

  for (const name of ["style.css", "icon.svg"]) cpSync(join(PAGE, name), join(DIST, "page", name));
  writeFileSync(join(DIST, "page/main.js"), await bundled(join(PAGE, "main.js"), [judge("page"), besides]));
  writeFileSync(join(DIST, "index.html"), hosted(page()));
  const script = await bundled(join(PAGE, "main.js"), [judge("file")]);
  writeFileSync(join(DIST, "unframe.html"), single(page(), script, { worker, runtime }));
}

/** The code of an entry point with everything that it imports. */
async function bundled(entry, plugins = [], options = {}) {
  const { outputFiles } = await build({ ...OPTIONS, ...options, entryPoints: [entry], plugins, write: false });
  return outputFiles[0].text;
}

/** Lets the page ask the engine of this folder where it would ask its server. */
function judge(place) {
  return {
    name: "judge",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/api\.js$/ }, () => ({ path: join(HERE, "src/api.js") }));
      onResolve({ filter: /^\.\/engine-of-page\.js$/ }, () => ({ path: join(HERE, `src/engine-of-${place}.js`) }));
    },
  };
}

/** Leaves the engine's front in its own file, where other pages can import it, too. */
const besides = {
  name: "besides",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/unframe\.js$/ }, () => ({ path: "../unframe.js", external: true }));
  },
};

/** The page of the server, with what is different here. */
function page() {
  const text = readFileSync(join(PAGE, "index.html"), "utf8");
  const hint = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF";
  return replaced(text, hint, "JPEG, PNG, WebP, GIF, BMP, AVIF. They stay in this browser: nothing is uploaded.");
}

function hosted(text) {
  const policy = `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`;
  return replaced(text, '<meta charset="utf-8">', `<meta charset="utf-8">\n${policy}`);
}

/** The page in one file, which may run what is in it and ask nobody for anything. */
function single(text, script, { worker, runtime }) {
  const digest = createHash("sha256").update(script).digest("base64");
  const policy =
    `default-src 'none'; script-src 'sha256-${digest}' 'wasm-unsafe-eval' blob:; worker-src blob:; ` +
    "style-src 'unsafe-inline'; img-src blob: data:; base-uri 'none'; form-action 'none'";
  const parts = {
    worker: Buffer.from(worker),
    card: readFileSync(join(MODEL, "card.json")),
    weights: readFileSync(join(MODEL, "model.onnx")),
    runtime,
  };
  const nodes = Object.entries(parts).map(
    ([name, data]) => `<script type="text/plain" id="engine-${name}">${data.toString("base64")}</script>\n`,
  );
  const icon = `data:image/svg+xml;base64,${readFileSync(join(PAGE, "icon.svg")).toString("base64")}`;
  const style = `<style>\n${readFileSync(join(PAGE, "style.css"), "utf8")}</style>`;
  let out = replaced(text, '<script type="module" src="page/main.js"></script>\n', "");
  out = replaced(out, '<link rel="stylesheet" href="page/style.css">', style);
  out = replaced(out, '<meta charset="utf-8">', `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">`);
  out = out.replaceAll("page/icon.svg", icon);
  return replaced(out, "</body>", `${nodes.join("")}<script type="module">${script}</script>\n</body>`);
}

/** A text with one passage replaced, which must be there: a page that has changed shall not be built half. */
function replaced(text, passage, by) {
  if (text.split(passage).length !== 2) throw new Error(`the page does not have this once: ${passage}`);
  return text.replace(passage, () => by);
}

function checkModel() {
  const card = JSON.parse(readFileSync(join(MODEL, "card.json"), "utf8"));
  const digest = createHash("sha256").update(readFileSync(join(MODEL, "model.onnx"))).digest("hex");
  if (digest !== card.sha256) throw new Error(`model.onnx has the sha256 ${digest}, its card says ${card.sha256}`);
}

await main();
