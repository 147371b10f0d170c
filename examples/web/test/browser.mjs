// A browser on the built page, and the few things that the tests do with it.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { start } from "../server.mjs";

const DATA = new URL("../../data/", import.meta.url).pathname;
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = process.env.SPORTELLO_SCREENSHOTS;

/** An invented applicant, by key. */
export const ANSWERS = {
  $0: "Rosella",
  $1: "Prova",
  $4: "PRVRLL90E52H501S",
  $3: "+39 333 1234567",
  $2: "rosella.prova@example.org",
};

/** Another one: whoever has a request under way is not given a second. */
export const ROSALIA = { ...ANSWERS, $0: "Rosalia", $4: "PRVRSL90E52H501A" };

/** And a third. */
export const ROSETTA = { ...ANSWERS, $0: "Rosetta", $4: "PRVRTT85C55H501R" };

let browser;
let served;
let fields;

export async function begin() {
  // One session hands in more here than a citizen may.
  const folder = await mkdtemp(join(tmpdir(), "sportello-page-"));
  process.env.SPORTELLO_RELAY_CONFIG = join(folder, "relay.toml");
  await writeFile(process.env.SPORTELLO_RELAY_CONFIG, '[caps]\nuser = "900.00"\n');
  served = await start({ built: true, port: 0 });
  await rm(folder, { recursive: true });
  fields = (await service()).form.fields.map((field) => field.key);
  browser = await chromium.launch({
    executablePath: process.env.SPORTELLO_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

export async function end() {
  await browser?.close();
  await served?.close();
}

/** Asks the relay itself. */
export async function service() {
  const get = async (path) => {
    const answer = await fetch(served.relay + path, { headers: { authorization: `Bearer ${served.session}` } });
    return (await answer.json()).data;
  };
  const all = await get("/services");
  return get(`/services/${all.find((it) => it.name === "Domanda Assegno Unico").id}`);
}

/** What the simulated office was paid. */
export async function ledger() {
  const answer = await fetch(`${served.simulator}/_simulator/ledger`);
  return (await answer.json()).charges;
}

/** A fresh browser at the page. Whatever it complains of, a blocked script among it, fails the test. */
export async function open({ lang, width = 1000, scheme = "light", init, wait = true }) {
  const context = await browser.newContext({
    locale: lang,
    viewport: { width, height: 900 },
    colorScheme: scheme,
    reducedMotion: "reduce",
  });
  if (init) {
    await context.addInitScript(init);
  }
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("console", (message) => {
    if (/Content Security Policy|Trusted|Refused/.test(message.text())) {
      page.complaints.push(message.text());
    }
  });
  await page.goto(served.url);
  if (wait) {
    await page.locator("form").waitFor();
  }
  return page;
}

function control(page, key, suffix = "") {
  return page.locator(`main form [id$="-${fields.indexOf(key)}${suffix}"]:is(input, select)`);
}

/** Types answers by the keyboard, field after field. */
export async function fill(page, answers) {
  for (const [key, value] of Object.entries(answers)) {
    await tabTo(page, control(page, key));
    await page.keyboard.press("Control+A");
    await page.keyboard.type(value);
  }
  await page.keyboard.press("Tab");
}

/** Chooses a file; the system's own dialogue is not the page's. */
export async function photo(page, key, name, suffix = "") {
  await control(page, key, suffix).setInputFiles(join(DATA, name));
  await page.locator("bdi", { hasText: name }).waitFor();
}

/** A form that is right, up to the check of the answers. */
export async function complete(page, answers = ANSWERS) {
  await fill(page, answers);
  await photo(page, "$5", "identity-front.jpg");
  await photo(page, "$6", "codice-fiscale-card.pdf");
  await page.locator("form button[type=submit]").press("Enter");
  await page.locator(".sportello-pay").waitFor();
}

/** Reaches something with the Tab key alone; what has the focus on the way can be seen. */
export async function tabTo(page, target) {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await target.evaluate((it) => it === document.activeElement)) {
      return;
    }
    await page.keyboard.press("Tab");
  }
  assert.fail("not to be reached with the Tab key");
}

export async function press(page, name) {
  await page.getByRole("button", { name }).press("Enter");
}

/** The accessible names of all controls. */
export async function names(page) {
  return page.locator("main :is(input, select, button)").evaluateAll((all) =>
    all.map((it) => (it.labels?.[0] ?? it).textContent),
  );
}

/** Nothing that axe can find, nothing that scrolls sideways; and a picture, where somebody wants to look. */
export async function axe(page, name) {
  // In a world of its own: the page's policy takes no scripts from anybody.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  const told = violations.map((it) => `${it.id}: ${it.help}: ${it.nodes.map((node) => `${node.target} ${node.failureSummary}`).join("; ")}`);
  if (SHOTS) {
    await mkdir(SHOTS, { recursive: true });
    await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  }
  assert.deepEqual(told, [], name);
  assert.deepEqual(page.complaints, [], name);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(sideways <= 0, `${name}: ${sideways} pixels too wide`);
}
