// A team's server for writing pages and for tests in the browser: users, sessions, cases and the audit log as the real
// one has them, but in memory and with invented people; the rest is passed on to ATHAR_BACKEND (the mock, or the real
// program). Only for development: nothing of it is in the built application.
//
//   ATHAR_BACKEND=http://127.0.0.1:8765 PORT=8802 MOCK_MODE=team node dev/team.mjs
//   ATHAR_BACKEND=http://127.0.0.1:8802 npm run dev
//
// Names: amal (administrator), samir (supervisor), lina and omar (analysts), vera (viewer).
// Their password is the constant PASSWORD of dev/team/people.ts.
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const backend = process.env.ATHAR_BACKEND ?? "http://127.0.0.1:8899";
const port = Number(process.env.PORT ?? 8802);

const built = await build({
  entryPoints: [fileURLToPath(new URL("team/index.ts", import.meta.url))],
  bundle: true,
  format: "esm",
  platform: "node",
  write: false,
});
const { team } = await import(
  `data:text/javascript;base64,${Buffer.from(built.outputFiles[0].contents).toString("base64")}`
);
const answer = team(process.env.MOCK_MODE === "local" ? "local" : "team", backend);

// The mock behind this one asks for its own token.
const behind = await fetch(new URL("/v1/session", backend))
  .then((response) => response.json())
  .catch(() => ({}));

const server = createServer((request, response) => {
  void serve(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
});

async function serve(request, response) {
  const url = new URL(request.url ?? "/", "http://here.invalid");
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = new Uint8Array(Buffer.concat(chunks));
  const { method = "GET", headers } = request;
  const own = await answer({ method, path: url.pathname, query: url.searchParams, headers, body });
  if (own) {
    const isBytes = own.body instanceof Uint8Array;
    response.writeHead(own.status, { "content-type": "application/json", "cache-control": "no-store", ...own.headers });
    response.end(own.body === undefined ? undefined : isBytes ? own.body : JSON.stringify(own.body));
    return;
  }
  const passed = await fetch(new URL(request.url ?? "/", backend), {
    method,
    headers: { "content-type": headers["content-type"] ?? "application/json", "x-athar-csrf": behind.csrf ?? "" },
    ...(method === "GET" || method === "HEAD" ? {} : { body }),
  });
  response.writeHead(passed.status, { "content-type": passed.headers.get("content-type") ?? "application/json" });
  response.end(Buffer.from(await passed.arrayBuffer()));
}

server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));
