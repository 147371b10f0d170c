import "bootstrap-italia/dist/css/bootstrap-italia.min.css";
import "sportello/render.css";
import "./style.css";

import type { Lang } from "sportello";

import { Story } from "./story.js";
import { LANGUAGES, WORDS } from "./words.js";

const TAGS = Object.keys(LANGUAGES) as Lang[];

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`no #${id}`);
  }
  return found;
}

function preferred(): Lang {
  const wanted = [new URL(location.href).searchParams.get("lang") ?? "", ...navigator.languages];
  return wanted.map((tag) => tag.slice(0, 2) as Lang).find((tag) => TAGS.includes(tag)) ?? "it";
}

let lang = preferred();
let story: { speak(lang: Lang): void } | undefined;

/** Everything around the form, in the page's language. */
function dress(): void {
  const words = WORDS[lang];
  document.documentElement.lang = lang;
  byId("skip").textContent = words.skip;
  byId("footer").textContent = words.footer;
  const languages = byId("languages");
  languages.setAttribute("aria-label", words.language);
  const buttons = TAGS.map((tag) => {
    const button = document.createElement("button");
    button.type = "button";
    button.lang = tag;
    button.textContent = LANGUAGES[tag];
    if (tag === lang) {
      button.setAttribute("aria-current", "true");
    }
    button.addEventListener("click", () => {
      lang = tag;
      dress();
      story?.speak(lang);
      languages.querySelector<HTMLElement>(`[lang=${tag}]`)?.focus();
    });
    return button;
  });
  languages.replaceChildren(...buttons);
}

async function begin(): Promise<void> {
  const main = byId("main");
  main.textContent = WORDS[lang].loading;
  // A real page gets its session from the integrator's backend once the person has signed in.
  const answer = await fetch("/session.json");
  const { relay, session } = (await answer.json()) as { relay: string; session: string };
  story = await Story.begin({ relay, session, place: main, lang });
}

dress();
await begin();
