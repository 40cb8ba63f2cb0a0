"use strict";
// Elements are kept and changed in place, so that whoever has the focus on one keeps it.

const byId = (id) => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Makes `list` hold one element for each item, in order; `make` and `change` see the item. */
function sync(list, items, key, make, change = () => {}) {
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, place) => {
    const name = String(key(item, place));
    let child = old.get(name);
    old.delete(name);
    if (!child) {
      child = make(item, place);
      child.dataset.key = name;
    }
    change(child, item, place);
    if (list.children[place] !== child) list.insertBefore(child, list.children[place] ?? null);
  });
  old.forEach((child) => child.remove());
}

function picture(url, words) {
  const image = element("img", { src: url, alt: words, loading: "lazy" });
  return element("li", {}, element("a", { href: url }, image));
}

function makeRun(run) {
  return element("li", {},
    element("h3", {},
      run.agent ?? "unnamed agent", run.name ? `, ${run.name} ` : " ",
      element("span", { class: "status" })),
    element("div", { class: "id" }, run.id),
    element("p", { class: "words" }),
    element("ul", { class: "pictures" }));
}

function changeRun(item, run) {
  const status = item.querySelector(".status");
  const images = run.result.filter((result) => result.image).length;
  const words = `${run.status}, ${images} of ${run.batch ?? 4} images`;
  if (status.textContent !== words) {
    status.textContent = words;
    status.className = `status ${run.status}`;
  }
  const error = item.querySelector(".words");
  if (error.textContent !== (run.error ?? "")) error.textContent = run.error ?? "";
  sync(item.querySelector("ul"), run.result, (_, place) => place, (result, place) => {
    const words = `Image ${place + 1} of ${run.agent}, run ${run.id}`;
    return result.image
      ? picture(result.image, words)
      : element("li", { class: "missing" }, `Image ${place + 1}: ${result.error ?? result.status}`);
  });
}

function row(cells, wrong = false) {
  const made = element("tr", wrong ? { class: "wrong" } : {});
  made.append(...cells.map((cell) => element("td", {}, cell === null || cell === undefined ? "–" : String(cell))));
  return made;
}

const seconds = (at) => `${at.toFixed(2)} s`;

function show(state) {
  byId("no-runs").hidden = state.runs.length > 0;
  byId("no-uploads").hidden = state.uploads.length > 0;
  sync(byId("run-list"), state.runs, (run) => run.id, makeRun, changeRun);
  sync(byId("upload-list"), state.uploads, (url) => url,
    (url) => picture(url, `Upload ${url.split("/").pop()}`));
  sync(byId("charges"), state.charges, (charge) => charge.run,
    (charge) => row([seconds(charge.at), charge.run, charge.agent, charge.key, charge.images, charge.points]));
  // A request's row changes once, when its answer is known.
  sync(byId("requests"), state.requests, (request) => `${request.number} ${request.status}`,
    (request) => row([request.number, seconds(request.at), request.method, request.path,
      request.status, request.unexpected ?? request.fault ?? ""], Boolean(request.unexpected)));
  byId("total").textContent = `${state.chargeCount} charges, ${state.points} points.`;
  byId("count").textContent = `${state.requestCount} requests; the youngest ${state.requests.length} are shown.`;
}

let paused = false;

function say(words) {
  // Saying the same again would be read aloud again.
  if (byId("live").textContent !== words) byId("live").textContent = words;
}

async function update() {
  if (paused) return;
  try {
    const answer = await fetch("state.json");
    show(await answer.json());
    say("Live.");
  } catch {
    say("The emulator does not answer.");
  }
}

byId("pause").addEventListener("click", () => {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
  say(paused ? "Paused." : "Live.");
});

update();
setInterval(update, 500);
