// Blocks `<div class="tab" data-language="…">` that stand side by side become tabs. The language that was chosen once is shown on every page.
// Without this script they stand one below the other, each under its name.
(() => {
  const remembered = () => {
    try {
      return localStorage.getItem("sportello-language");
    } catch {
      return null;
    }
  };
  const remember = (language) => {
    try {
      localStorage.setItem("sportello-language", language);
    } catch {
      // A reader who keeps nothing chooses again on the next page.
    }
  };
  const groups = [];
  for (const first of document.querySelectorAll(".tab")) {
    if (first.previousElementSibling?.classList.contains("tab")) continue;
    const panels = [first];
    while (panels.at(-1).nextElementSibling?.classList.contains("tab")) panels.push(panels.at(-1).nextElementSibling);
    const bar = document.createElement("div");
    bar.className = "tab-bar";
    bar.setAttribute("role", "tablist");
    bar.setAttribute("aria-label", "Language");
    const buttons = panels.map((panel, index) => {
      const button = document.createElement("button");
      const id = `tab-${groups.length}-${index}`;
      button.type = "button";
      button.id = id;
      button.textContent = panel.dataset.language;
      button.setAttribute("role", "tab");
      button.setAttribute("aria-controls", `${id}-panel`);
      panel.id = `${id}-panel`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", id);
      panel.tabIndex = 0;
      bar.append(button);
      return button;
    });
    first.before(bar);
    groups.push({ panels, buttons });
    bar.addEventListener("click", (event) => {
      if (event.target.role === "tab") choose(event.target.textContent);
    });
    // As the pattern for tabs has it: arrows move among them, Tab leaves them. The book turns its pages with arrows, so they stop here.
    bar.addEventListener("keydown", (event) => {
      const at = buttons.indexOf(event.target);
      const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
      if (at < 0 || next === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      const button = buttons[(next + buttons.length) % buttons.length];
      choose(button.textContent);
      button.focus();
    });
  }
  const show = (language) => {
    for (const { panels, buttons } of groups) {
      const at = Math.max(0, panels.findIndex((panel) => panel.dataset.language === language));
      panels.forEach((panel, index) => (panel.hidden = index !== at));
      buttons.forEach((button, index) => {
        button.setAttribute("aria-selected", String(index === at));
        button.tabIndex = index === at ? 0 : -1;
      });
    }
  };
  const choose = (language) => {
    remember(language);
    show(language);
  };
  show(remembered());
})();
