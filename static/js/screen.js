// Follows the meeting: swaps the view when it moves on, and moves numbers and dots in between. With a facilitator's
// session the arrow keys and space lead the meeting; `t` shows the table behind the chart.
(() => {
  "use strict";
  const page = document.body.dataset, root = document.documentElement;
  const told = document.getElementById("told"), lost = document.getElementById("lost");
  const main = () => document.getElementById("view");
  let latest = null, loading = false, again = false, heard = Date.now();
  let running = Promise.resolve(), steps = Promise.resolve();

  function numbers() {
    if (!latest) return;
    const view = main(), of = (name, value) => {
      if (value === undefined || value === null) return;
      for (const node of view.querySelectorAll(`[data-${name}]`)) node.textContent = value;
      const rings = view.querySelector(`[data-rings="${name}"]`);
      if (rings) rings.querySelectorAll("circle").forEach((ring, n) => ring.setAttribute("class", n < value ? "dot" : "ring"));
    };
    const round = Number(view.dataset.round) || null;
    of("taken", latest.taken);
    if (round && latest.open === round) {
      of("turnout", latest.turnout);
      if (latest.wall) prikkWall.show(latest.wall);
    }
  }

  // A key pressed meanwhile waits for the whole of it, or it would name a step that is over.
  function refresh() {
    if (loading) again = true; else running = load();
    return running;
  }

  async function load() {
    loading = true;
    try {
      const answer = await fetch(page.view, {headers: {Accept: "text/html"}});
      if (answer.ok) swap(await answer.text());
    } catch { /* the stream says when the server is back */ }
    loading = false;
    if (again) { again = false; await load(); }
  }

  function swap(text) {
    const before = main(), holder = document.createElement("template");
    holder.innerHTML = text;
    const after = holder.content.querySelector("main");
    if (!after) return;
    const oldChart = before.querySelector("[data-drawing]"), newChart = after.querySelector("[data-drawing]");
    const same = oldChart && newChart && oldChart.dataset.drawing === newChart.dataset.drawing;
    if (same) { // the chart stays on the wall, so that nothing moves but what is new
      oldChart.dataset.figure = newChart.dataset.figure;
      oldChart.setAttribute("aria-label", newChart.getAttribute("aria-label"));
      newChart.replaceWith(oldChart);
    }
    const wasOpen = before.querySelector(".behind.open");
    before.replaceWith(after);
    if (wasOpen && same) after.querySelector(".behind").classList.add("open");
    root.dataset.light = after.dataset.light;
    document.getElementById("rehearsal").hidden = !("rehearsal" in after.dataset);
    document.getElementById("advisory").hidden = "rehearsal" in after.dataset;
    document.title = `${after.dataset.title} – Prikk`;
    if (told.textContent !== after.dataset.title) told.textContent = after.dataset.title;
    if (newChart) prikkFigure.draw(same ? oldChart : newChart, {reveal: !same && before.dataset.view !== "result"});
    firstWall();
    numbers();
  }

  function firstWall() {
    const plan = document.getElementById("wall-plan");
    if (plan) prikkWall.show(JSON.parse(plan.textContent).counts, false);
  }

  function hear(event) {
    heard = Date.now();
    lost.hidden = true;
    if (!event.data) return;
    latest = JSON.parse(event.data);
    // Somebody who came late is one ring more.
    const out = latest.open && main().querySelector("[data-of]");
    if (String(latest.version) !== main().dataset.version || (out && Number(out.dataset.of) !== latest.entitled)) refresh();
    else numbers();
  }

  let stream = null;
  function listen() {
    if (stream) stream.close();
    stream = new EventSource(page.live);
    stream.onmessage = hear;
    stream.onopen = () => { heard = Date.now(); lost.hidden = true; };
  }
  // A projector's laptop sleeps too: look at how things stand whenever the page wakes, and when the stream is silent.
  addEventListener("pageshow", event => { if (event.persisted) { listen(); refresh(); } });
  addEventListener("online", () => { listen(); refresh(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { listen(); refresh(); } });
  setInterval(() => {
    const silent = Date.now() - heard;
    // The server speaks every 15 seconds: an open stream that is silent longer is dead.
    if (stream.readyState === EventSource.OPEN && silent < 17000) return;
    if (silent > 8000) lost.hidden = false;
    if (stream.readyState !== EventSource.CONNECTING) listen();
    refresh();
  }, 3000);

  const VERBS = {" ": "next", ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back",
    ArrowDown: "finding_next", ArrowUp: "finding_back"};
  function step(verb) {
    const body = new FormData();
    body.set("csrf_token", page.token);
    body.set("verb", verb);
    body.set("version", main().dataset.version);
    return fetch(page.step, {method: "POST", body, redirect: "manual", headers: {Accept: "application/json"}}).then(refresh, () => {});
  }
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const table = document.getElementById("behind");
    if (table && (event.key === "t" || event.key === "T" || (event.key === "Escape" && table.classList.contains("open")))) {
      table.classList.toggle("open");
      return;
    }
    if (table && table.classList.contains("open") && event.key.startsWith("Arrow")) return;
    if (!page.step || !(event.key in VERBS)) return;
    event.preventDefault();
    if (!event.repeat) steps = steps.then(() => step(VERBS[event.key]));
  });

  firstWall();
  listen();
})();
