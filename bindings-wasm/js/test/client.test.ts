// The relay's client in Node, against the relay's own command with the simulator behind it.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import {
  type CallProgress,
  type FileAnswer,
  type Journal,
  ServiceForm,
  type SubmissionUpdate,
  type SubmitTerms,
  SportelloClient,
  SportelloError,
  isCallError,
  isSportelloError,
  memoryJournal,
} from "sportello";

import { type Served, answers, client, ledger, serve, session } from "./relay.js";

let served: Served;
before(async () => {
  served = await serve();
});
after(() => served.child.kill());

/** The same applicant again and again, which is meant here. */
const terms = (more: Partial<SubmitTerms> = {}): SubmitTerms => ({ confirmPrice: "19.00", allowDuplicate: true, ...more });

async function refused(promise: Promise<unknown>) {
  const error: unknown = await promise.then(
    () => assert.fail("nothing was thrown"),
    (error: unknown) => error,
  );
  assert.ok(isCallError(error), String(error));
  return error;
}

test("the whole story: plain objects, one charge, nothing personal in the journal", async () => {
  const kept: string[] = [];
  const inner = memoryJournal();
  const journal: Journal = {
    ...inner,
    store(key, expect, text) {
      kept.push(key, text ?? "");
      return inner.store(key, expect, text);
    },
  };
  using counter = client(served, journal);
  const before = (await ledger(served)).length;
  assert.ok((await counter.services("assegno unico")).some((one) => one.name === "Domanda Assegno Unico"));
  const form = await counter.service("assegno-unico");
  assert.equal(counter.quote(form).dueNow, "19.00");
  assert.throws(() => counter.quote(form, ["no-such-option"]), { code: "price.missing" });
  const seen: CallProgress[] = [];
  const given = await answers();
  const submission = await counter.submit(form, given, "story", terms({ onProgress: (it) => seen.push(it) }));
  assert.deepEqual([submission.stage, submission.charged, submission.price], ["committed", "yes", "19.00"]);
  // What crossed is what `JSON` has: no `Map`, no `BigInt`.
  assert.deepEqual(JSON.parse(JSON.stringify(submission)), submission);
  assert.ok(submission.expected && submission.expected.earliest < submission.expected.latest);
  assert.deepEqual(
    [...new Set(seen.filter((it) => it.doing === "uploading").map((it) => it.file))],
    ["identity-front.jpg", "codice-fiscale-card.pdf"],
  );
  const updates: SubmissionUpdate[] = [];
  for await (const update of counter.watch("story")) {
    updates.push(update);
  }
  assert.equal(updates.at(-1)?.remote.progress, "delivered");
  const { files } = await counter.delivery("story");
  const [file] = files;
  assert.equal(file?.blob?.size, file?.size);
  assert.match(await file!.blob!.slice(0, 2).text(), /^PK/);
  // The same again is the same; so says the journal, and the relay.
  assert.equal((await counter.submit(form, given, "story", terms())).charged, "yes");
  assert.deepEqual((await counter.submissions()).map((it) => [it.reference, it.stage]), [["story", "delivered"]]);
  assert.equal((await counter.status("story")).stage, "delivered");
  assert.equal((await counter.wait("story"))?.remote.progress, "delivered");
  assert.equal((await ledger(served)).length - before, 1);
  for (const canary of ["PRVRSL90E52H501A", "rosalia.prova@example.org", "Rosalia", "identity-front"]) {
    assert.ok(!kept.join("\n").includes(canary), canary);
  }
});

test("a document may go to a stream", async () => {
  using counter = client(served);
  await counter.submit(await counter.service("assegno-unico"), await answers(), "streamed", terms());
  await counter.wait("streamed");
  let bytes = 0;
  const to = () => new WritableStream<Uint8Array>({ write: (piece) => void (bytes += piece.length) });
  const { files } = await counter.delivery("streamed", { to });
  assert.deepEqual([files.length, files[0]?.blob, files[0]?.size], [1, null, bytes]);
});

test("aborted at every await there is: it stops waiting, and the same reference is paid once", async () => {
  using counter = client(served);
  const form = await counter.service("assegno-unico");
  const given = await answers();
  let cancelled = 0;
  for (let at = 1; ; at += 1) {
    const reference = `aborted-${at}`;
    const before = (await ledger(served)).length;
    const limit = new AbortController();
    let awaits = 0;
    const onProgress = (): void => {
      awaits += 1;
      if (awaits === at) {
        // While it waits, not before.
        setImmediate(() => limit.abort());
      }
    };
    const outcome = await counter.submit(form, given, reference, terms({ signal: limit.signal, onProgress })).then(
      (submission) => submission.charged,
      (error: unknown) => (isCallError(error) ? `${error.code} ${error.details.charged}` : assert.fail(String(error))),
    );
    const isOver = awaits < at;
    assert.match(outcome, /^(yes|call\.cancelled (no|yes)|submit\.outcome_unknown unknown)$/, `at ${at}`);
    cancelled += outcome === "yes" ? 0 : 1;
    assert.equal((await counter.submit(form, given, reference, terms())).charged, "yes", `at ${at}`);
    assert.equal((await ledger(served)).length - before, 1, `at ${at}`);
    if (isOver) {
      assert.ok(at > 12 && cancelled > 8, `${at} awaits, ${cancelled} cancelled`);
      return;
    }
  }
});

test("aborted when a commit has taken effect and nobody has heard: not taken back, and found out", async (t) => {
  using counter = client(served);
  const form = await counter.service("assegno-unico");
  const given = await answers();
  const before = (await ledger(served)).length;
  const limit = new AbortController();
  const real = globalThis.fetch;
  let wasAborted: boolean | undefined;
  t.mock.method(globalThis, "fetch", async (url: string, options: RequestInit) => {
    const answer = await real(url, options);
    if (url.endsWith("/commit")) {
      limit.abort();
      wasAborted = options.signal?.aborted;
    }
    return answer;
  });
  const error = await refused(counter.submit(form, given, "unheard", terms({ signal: limit.signal })));
  assert.deepEqual([error.code, error.details.charged, error.details.retryable], ["submit.outcome_unknown", "unknown", true]);
  assert.equal(wasAborted, false, "what is paid is not cut");
  t.mock.restoreAll();
  const [resumed] = await counter.resume("unheard");
  assert.deepEqual([resumed?.state, resumed?.submission.charged], ["advanced", "yes"]);
  assert.equal((await ledger(served)).length - before, 1);
});

test("aborting ends every other verb too, before it began and while it waits", async () => {
  using counter = client(served);
  const gone = AbortSignal.abort();
  await counter.submit(await counter.service("assegno-unico"), await answers(), "verbs", terms());
  for (const verb of [
    counter.services("x", { signal: gone }),
    counter.service("assegno-unico", { signal: gone }),
    counter.status("verbs", { signal: gone }),
    counter.wait("verbs", { signal: gone }),
    counter.watch("verbs", { signal: gone }).next(),
    counter.delivery("verbs", { signal: gone }),
    counter.resume(undefined, { signal: gone }),
    counter.abandon("verbs", { signal: gone }),
    counter.choose("verbs", "1/0", "1.00", { signal: gone }),
    counter.submissions({ signal: gone }),
  ]) {
    assert.equal((await refused(verb)).code, "call.cancelled");
  }
  // A deadline is no error.
  assert.equal(await counter.wait("verbs", { timeoutMs: 1 }), null);
});

test("refused before anything is sent: each with its code and its findings", async () => {
  using counter = client(served);
  const form = await counter.service("assegno-unico");
  const given = await answers();
  const code = async (promise: Promise<unknown>) => (await refused(promise)).code;
  const wrong = await refused(counter.submit(form, { ...given, $4: "PRVRSL90E52H501B" }, "wrong", terms()));
  assert.deepEqual([wrong.code, wrong.details.findings[0]?.code], ["check.errors", "codice_fiscale.check_letter"]);
  assert.ok(wrong instanceof SportelloError && wrong instanceof Error && isSportelloError(wrong, "check.errors"));
  assert.ok(!JSON.stringify([wrong.message, wrong.details]).includes("PRVRSL"), "no personal data");
  assert.equal(await code(counter.submit(form, given, "wrong", terms({ confirmPrice: "23.18" }))), "price.is_gross");
  assert.equal(await code(counter.submit(form, given, "wrong", { confirmPrice: "" })), "price.unconfirmed");
  assert.equal(await code(counter.submit(form, given, "PRVRSL90E52H501A", terms())), "reference.personal_data");
  assert.equal(await code(counter.status("nobody-knows")), "reference.unknown");
  assert.equal(await code(counter.service("no such service")), "service.not_found");
  // A mere descriptor is enough for a check, and not to hand in.
  const { file } = given["$5"] as FileAnswer;
  const noContent = { ...given, $5: { file: { ...file } } };
  assert.equal(await code(counter.submit(form, noContent, "no-content", terms())), "attachment.unreadable");
  assert.equal(await code(counter.abandon("wrong")), "reference.unknown");
});

test("the provider's token and address are refused, and the relay is explained", () => {
  const journal = memoryJournal();
  const make = (relay: string, session: string) => () => new SportelloClient({ relay, session, journal });
  const needed = (error: unknown): boolean => isSportelloError(error, "config.relay_needed") && /put a relay/.test(error.message);
  assert.throws(make("https://relay.example", "0123456789abcdef01234567"), needed);
  assert.throws(make("https://visengine2.altravia.com", "session"), needed);
  assert.throws(make("http://relay.example", "session"), { code: "config.insecure_url" });
  // Without IndexedDB a journal has to be given.
  assert.throws(() => new SportelloClient({ relay: "https://relay.example", session: "s" }), { code: "journal.unavailable" });
});

test("a session is asked for before every call; a provider's token is not let through, nobody signed in is said", async () => {
  const make = (session: () => string | Promise<string>) =>
    new SportelloClient({ relay: served.relay, session, journal: memoryJournal() });
  const good = session();
  let asked = 0;
  const renewed = make(() => {
    asked += 1;
    return Promise.resolve(good);
  });
  await renewed.service("assegno-unico");
  assert.ok(asked >= 2, `${asked}`);
  const leaked = await make(() => "0123456789abcdef01234567").services().catch((error: unknown) => error);
  assert.ok(isSportelloError(leaked, "config.relay_needed"));
  const nobody = await refused(make(() => Promise.reject(new Error("signed out"))).services());
  assert.equal(nobody.code, "config.token_missing");
  assert.equal((await refused(make(() => "forged.session").services())).code, "auth.token_rejected");
});

test("what went wrong on the way: nobody there, a redirect, a cut answer", async () => {
  const asked: string[] = [];
  let cut = false;
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization?.slice(0, 7)}`);
    if (cut) {
      response.writeHead(200, { "content-length": "100" }).write("{");
      response.socket?.destroySoon();
    } else {
      response.writeHead(307, { location: "/elsewhere" }).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const relay = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const counter = client({ relay });
  assert.equal((await refused(counter.services())).code, "network.redirect");
  cut = true;
  assert.equal((await refused(counter.services())).code, "answer.unreadable");
  server.close();
  server.closeAllConnections();
  const unreachable = await refused(client({ relay }).services());
  assert.deepEqual([unreachable.code, unreachable.details.retryable], ["network.unreachable", true]);
  // A redirect was not followed.
  assert.deepEqual([...new Set(asked)], ["/services Bearer "]);
});

test("two verbs at one reference take turns, and pay once", async () => {
  using counter = client(served);
  const form = await counter.service("assegno-unico");
  const given = await answers();
  const before = (await ledger(served)).length;
  const both = await Promise.all([1, 2].map(() => counter.submit(form, given, "at-once", terms())));
  assert.deepEqual(both.map((it) => it.charged), ["yes", "yes"]);
  assert.equal((await ledger(served)).length - before, 1);
});

test("a search found several: the choice is paid once, and another search for its number", async () => {
  using counter = client(served);
  const form = await counter.service("Visura Camerale Ordinaria con Ricerca");
  const { dueNow, dueOnChoice } = counter.quote(form);
  const given = { $0: "Prova srl" };
  const acceptWarnings = form.check(given).findings.map((it) => it.code);
  const before = (await ledger(served)).length;
  await counter.submit(form, given, "searched", { confirmPrice: dueNow, acceptWarnings });
  const found = await counter.wait("searched");
  assert.equal(found?.remote.progress, "choice_needed");
  const results = found!.remote.searches[0]!.results;
  assert.ok(results.length > 1 && Object.keys(results[0]!.values).length > 0);
  assert.equal((await refused(counter.choose("searched", "1/99", dueOnChoice))).code, "choice.unknown_result");
  assert.equal((await refused(counter.choose("searched", results[0]!.id, "0.01"))).code, "price.differs");
  assert.equal((await refused(counter.searchAgain("searched", 7, form, given, dueNow))).code, "search.number");
  await counter.searchAgain("searched", 2, form, given, form.service.searchPrice!);
  const again = await counter.wait("searched");
  assert.equal(again?.remote.searches.length, 2);
  for (const _ of [1, 2]) {
    await counter.choose("searched", results[1]!.id, dueOnChoice);
  }
  assert.equal((await counter.status("searched")).remote?.chosen, results[1]!.id);
  assert.equal((await counter.wait("searched"))?.remote.progress, "delivered");
  assert.equal((await ledger(served)).length - before, 3);
});

test("nothing is left behind: a thousand verbs, forms and files take no more memory than fifty", async () => {
  const glue = (await import("../dist/full/glue.js")) as unknown as { initSync(): { memory: WebAssembly.Memory } };
  using counter = client(served);
  const form = await counter.service("assegno-unico");
  const given = await answers();
  const headers = { authorization: `Bearer ${session()}` };
  const described = await (await fetch(`${served.relay}/services/${form.id}`, { headers })).text();
  const work = async (times: number): Promise<number> => {
    for (let at = 0; at < times; at += 1) {
      using one = ServiceForm.fromJson(described);
      one.check(given);
      await refused(counter.status(`nobody-${at}`));
      // Stopped in the middle, and refused.
      await refused(counter.submit(form, { ...given, $4: "x" }, "leak", terms()));
      await refused(counter.services("x", { signal: AbortSignal.abort() }));
    }
    return glue.initSync().memory.buffer.byteLength;
  };
  const few = await work(50);
  assert.equal(await work(1000), few);
});

test("a freed client says so, and what was under way goes on", async () => {
  const counter = client(served);
  const before = counter.service("assegno-unico");
  counter.free();
  assert.equal((await before).name, "Domanda Assegno Unico");
  await assert.rejects(async () => counter.services(), { code: "library.freed" });
});
