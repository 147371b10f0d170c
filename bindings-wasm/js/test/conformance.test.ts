// The client's network before `examples/conformance`, a network that misbehaves: what it says of a call must be true.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";

import type { NativeRun, Send } from "../dist/client/native.js";
import { send } from "../dist/client/send.js";

/**
 * What Node's network, like a browser's, does not leave to a program: on which connection a call goes. That is why this client promises no `once` and
 * hands in through a relay alone, whose commits go by the reference.
 */
const NOT_OURS = ["not_fresh", "connection_used_again"];

/** "I don't know" of what a better network would have had an answer to (a kept connection that is reset, a `100 Continue` that Node does not take): it is always safe. */
const UNKNOWN = /^said_wrong: .*`Unknown`/;

interface Call {
  call: number;
  origin: string;
  method: string;
  path: string;
  body: unknown;
  once: boolean;
  timeoutMs: number;
}
interface Verdict {
  verdicts: { name: string; problems: string[] }[];
  notRun: string[];
}

test("every script of the misbehaving network: nothing is repeated, followed, leaked or said that is not so", async () => {
  const program = process.env["SPORTELLO_CONFORMANCE"];
  assert.ok(program, "SPORTELLO_CONFORMANCE names the program");
  const child = spawn(program, [], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const [line] = await new Promise<string[]>((resolve) => {
      createInterface({ input: child.stdout }).once("line", (line) => resolve([line]));
    });
    const { control } = JSON.parse(line!) as { control: string };
    const ask = async <T>(path: string, body?: unknown): Promise<T> => {
      const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      const answer = await fetch(`${control}/_conformance/${path}`, options);
      assert.ok(answer.ok, path);
      return (await answer.json()) as T;
    };
    const { scripts } = await ask<{ scripts: { name: string }[] }>("scripts");
    for (const { name } of scripts) {
      const { token, calls } = await ask<{ token: string; calls: Call[] }>("script", { name });
      for (const call of calls) {
        await ask("result", { call: call.call, ...(await perform(call, token)) });
      }
    }
    const { verdicts, notRun } = await ask<Verdict>("verdict");
    assert.deepEqual(notRun, []);
    assert.ok(verdicts.length > 20, `${verdicts.length} scripts`);
    const problems = verdicts.flatMap(({ name, problems }) =>
      problems.filter((problem) => !NOT_OURS.includes(problem.split(":")[0]!) && !UNKNOWN.test(problem)).map((problem) => `${name}: ${problem}`),
    );
    assert.deepEqual(problems, []);
  } finally {
    child.stdin.end();
    child.kill();
  }
});

async function perform({ origin, method, path, body, once, timeoutMs }: Call, token: string): Promise<{ outcome: string; status: number }> {
  const bytes = new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
  const hasBody = body !== null && body !== undefined;
  const step: Send = {
    do: "send",
    call: "conformance",
    method,
    url: origin + path,
    headers: [["authorization", `Bearer ${token}`], ...(hasBody ? [["content-type", "application/json"] as [string, string]] : [])],
    body: hasBody ? [{ part: 0 }] : null,
    timeoutMs,
    once,
    file: null,
  };
  const run = { part: () => bytes } as unknown as NativeRun;
  const answer = await send(step, run, { files: new Map(), moved: () => undefined, sink: () => ({ write: () => undefined }) });
  if (answer === "gone") {
    return assert.fail("nobody has gone");
  }
  if ("failure" in answer) {
    return { outcome: answer.failure === "not_sent" ? "not_sent" : "unknown", status: 0 };
  }
  return { outcome: "answered", status: answer.status };
}
