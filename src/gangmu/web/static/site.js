// What a form does beyond sending: answers move as facts are typed, and are saved; a run shows how far it is.
"use strict";

for (const bar of document.querySelectorAll(".bar[data-share]")) {
  bar.style.flexGrow = bar.dataset.share;
}

const facts = document.getElementById("facts");
if (facts) {
  document.documentElement.classList.add("scripted");
  const inside = document.getElementById("answers-inside");
  let waiting = 0;
  let asked = 0;
  let before = Promise.resolve(); // one after another: a draft must not arrive after what was saved
  const send = (url) => {
    const mine = ++asked;
    before = before.then(() => (mine === asked ? post(url, mine) : null)).catch(() => null);
  };
  const post = async (url, mine) => {
    const sent = await fetch(url, { method: "POST", body: new FormData(facts), headers: { "X-Fragment": "1" } });
    if (sent.ok) {
      facts.elements.version.value = sent.headers.get("x-version");
      document.getElementById("version-shown").textContent = sent.headers.get("x-version");
      if (url === facts.action) document.getElementById("draft-note")?.remove();
      if (sent.headers.get("x-rows-gone")) location.reload();
    }
    if (mine !== asked) return;
    if (sent.ok) {
      inside.innerHTML = await sent.text();
    } else {
      const told = await sent.json();
      inside.replaceChildren();
      for (const one of told.problems || [{ what: told.title }]) {
        const line = document.createElement("p");
        line.className = "problem";
        line.textContent = [one.where, one.what, one.todo].filter(Boolean).join(": ");
        inside.append(line);
      }
    }
  };
  facts.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      waiting = 0;
      send(facts.dataset.answers);
    }, 250);
  });
  addEventListener("pagehide", () => {
    if (waiting) navigator.sendBeacon(facts.dataset.answers, new FormData(facts));
  });
  facts.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    waiting = 0;
    send(facts.action);
  });
}

const progress = document.getElementById("progress");
if (progress) {
  const look = async () => {
    const told = await (await fetch(progress.dataset.watch)).json();
    if (told.portfolio.state === "done" || told.portfolio.state === "failed") {
      location.reload();
      return;
    }
    progress.querySelector("progress").max = told.portfolio.total || 1;
    progress.querySelector("progress").value = told.portfolio.done;
    progress.querySelector("span").textContent = `${told.portfolio.done.toLocaleString()} / ${told.portfolio.total.toLocaleString()}`;
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
}
