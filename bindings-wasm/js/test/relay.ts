// The relay's command with the simulator behind it, for the tests of the client.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

import { type Answers, Attachment, type Journal, SportelloClient, memoryJournal } from "sportello";

const DATA = new URL("../../../examples/data/", import.meta.url);

export interface Served {
  relay: string;
  simulator: string;
  child: ChildProcess;
}

const KEY = "a key of the tests, and of nothing else in this world";
const SETTINGS = `
[caps]
user = "10000.00"
total = "10000.00"
[limits]
user_rate = 10000
user_burst = 10000
address_rate = 10000
`;

/** Starts it; fails where the program is not there: nothing here is skipped. */
export async function serve(): Promise<Served> {
  const program = process.env["SPORTELLO_RELAY"];
  assert.ok(program, "SPORTELLO_RELAY names the relay's program");
  const settings = join(mkdtempSync(join(tmpdir(), "sportello-client-")), "relay.toml");
  writeFileSync(settings, SETTINGS);
  const args = ["serve", "--config", settings, "--simulator", "--listen", "127.0.0.1:0", "--origin", "http://localhost:1"];
  const env = { ...process.env, RUST_LOG: "error", SPORTELLO_RELAY_SESSION_KEY: KEY };
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env });
  let relay = "";
  for await (const line of createInterface({ input: child.stdout })) {
    const value = line.slice(line.lastIndexOf(" ") + 1);
    if (line.startsWith("listening on ")) {
      relay = value;
    } else if (line.startsWith("the simulator ")) {
      rmSync(dirname(settings), { recursive: true });
      return { relay, simulator: value, child };
    }
  }
  return assert.fail("the relay did not start");
}

let users = 0;

/** A session of somebody new. */
export function session(): string {
  users += 1;
  const payload = Buffer.from(JSON.stringify({ user: `user-${users}`, exp: Math.floor(Date.now() / 1000) + 3600 })).toString("base64url");
  return `${payload}.${createHmac("sha256", KEY).update(payload).digest("base64url")}`;
}

/** What the simulated office was paid, in cents. */
export async function ledger({ simulator }: Served): Promise<number[]> {
  const answer = (await (await fetch(`${simulator}/_simulator/ledger`)).json()) as { charges: { amount_cents: number }[] };
  return answer.charges.map((charge) => charge.amount_cents);
}

/** A client in a hurry, of somebody new. */
export function client({ relay }: Pick<Served, "relay">, journal: Journal = memoryJournal()): SportelloClient {
  const timing = { commitTimeoutMs: 8_000, quietMarginMs: 100, retryMs: 5, watchFirstMs: 50, watchCapMs: 200 };
  return new SportelloClient({ relay, session: session(), journal, timing });
}

/** An invented applicant, with two files. */
export async function answers(): Promise<Answers> {
  const file = async (name: string, type: string) =>
    Attachment.from(new Blob([readFileSync(new URL(name, DATA))], { type }), name);
  return {
    $0: "Rosalia",
    $1: "Prova",
    $2: "rosalia.prova@example.org",
    $3: "333 1234567",
    $4: "PRVRSL90E52H501A",
    $5: await file("identity-front.jpg", "image/jpeg"),
    $6: await file("codice-fiscale-card.pdf", "application/pdf"),
  };
}
