/**
 * Builds the page, the engine, the network and what runs it: files for any server of static files.
 *
 * The network is the one of the Python package, and so is the page; nothing is fetched.
 *
 *     node build.mjs [FOLDER]     into `dist/` when omitted; the folder is emptied first
 */

import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const HERE = new URL("./", import.meta.url);
const DIST = pathToFileURL(`${resolve(process.argv[2] ?? new URL("dist", HERE).pathname)}/`);
const MODEL = new URL("../src/unframe/runtime/weights/unframe-1/", HERE);
const RUNTIME = new URL("node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm", HERE);

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST, { recursive: true });
await build({
  absWorkingDir: HERE.pathname,
  entryPoints: ["src/unframe.js", "src/worker.js"],
  outdir: DIST.pathname,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome110", "firefox114", "safari16.4"],
  legalComments: "eof",
  logLevel: "warning",
});
copyModel();
writeFileSync(new URL("runtime.wasm.gz", DIST), gzipSync(readFileSync(RUNTIME), { level: 9 }));

function copyModel() {
  const card = JSON.parse(readFileSync(new URL("card.json", MODEL), "utf8"));
  const digest = createHash("sha256").update(readFileSync(new URL("model.onnx", MODEL))).digest("hex");
  if (digest !== card.sha256) throw new Error(`model.onnx has the sha256 ${digest}, its card says ${card.sha256}`);
  for (const name of ["card.json", "model.onnx"]) cpSync(new URL(name, MODEL), new URL(name, DIST));
}
