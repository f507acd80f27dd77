// A Bitcoin node on regtest as a child of a test: loopback only, a folder and a port of its own, blocks when the test says
// so. Nothing of it is asked by the application: `athar follow` alone speaks to it.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { run, type Running } from "./program";

/** A program that answers, on a machine that does other things beside. */
const READY_MS = 120_000;

export interface BitcoinNode {
  rpc: <T>(method: string, params?: unknown[], wallet?: string) => Promise<T>;
  /** Where `athar follow` finds it. */
  follow: string[];
  running: Running;
}

/** A port that nobody has now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const at = server.address();
      server.close(() => (typeof at === "object" && at ? resolve(at.port) : reject(new Error("no port"))));
    });
  });
}

/** Starts `bitcoind` in an empty folder and waits until it answers. */
export async function startNode(bitcoind: string, folder: string): Promise<BitcoinNode> {
  const [port, sequence, block, tx] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const at = (n: number) => `tcp://127.0.0.1:${n}`;
  const running = run(bitcoind, [
    `-datadir=${folder}`,
    ...["-regtest", "-server", "-txindex=1", "-rest=0", "-printtoconsole=0", "-fallbackfee=0.0002"],
    ...["-rpcbind=127.0.0.1", "-rpcallowip=127.0.0.1", `-rpcport=${port}`],
    // No peer, no name look-up, nothing that leaves the machine.
    ...["-listen=0", "-dnsseed=0", "-fixedseeds=0", "-discover=0", "-connect=0", "-natpmp=0"],
    ...[`-zmqpubsequence=${at(sequence)}`, `-zmqpubrawblock=${at(block)}`, `-zmqpubrawtx=${at(tx)}`],
  ]);
  const cookie = join(folder, "regtest", ".cookie");
  const rpc = async <T>(method: string, params: unknown[] = [], wallet?: string): Promise<T> => {
    const answer = await fetch(`http://127.0.0.1:${port}${wallet ? `/wallet/${wallet}` : "/"}`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(readFileSync(cookie, "utf8").trim()).toString("base64")}` },
      body: JSON.stringify({ jsonrpc: "1.0", id: method, method, params }),
    });
    const { result, error } = (await answer.json()) as { result: T; error: { message: string } | null };
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  const until = Date.now() + READY_MS;
  for (;;) {
    try {
      await rpc("getblockcount");
      break;
    } catch (error) {
      if (Date.now() > until || running.child.exitCode !== null) {
        await running.stop();
        throw new Error(`the node does not answer: ${String(error)}\n${running.said()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  const follow = ["--rpc", `http://127.0.0.1:${port}`, "--cookie", cookie];
  return { rpc, running, follow: [...follow, ...[sequence, block, tx].flatMap((n) => ["--zmq", at(n)])] };
}
