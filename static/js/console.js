// The console: the room's state and the turnout follow the stream; everything else works without this script.
(function () {
  "use strict";
  const body = document.body;
  const live = body.dataset.live;
  let refreshing = false;
  let again = false;
  const loaded = {};
  let newest = Number(body.dataset.version || 0);

  // A button pressed twice is pressed once. Coming back by the browser's own button wakes it again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.dataset.download) { event.preventDefault(); download(form, event.submitter); return; }
    form.dataset.sent = "1";
    body.dataset.busy = "1";
  });
  window.addEventListener("pageshow", (event) => {
    document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
    delete body.dataset.busy;
    if (event.persisted && live) refresh();
  });

  // Space presses the black button, unless one is writing or has moved to something else.
  document.addEventListener("keydown", (event) => {
    if (event.code !== "Space" || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, button, a, summary, [contenteditable]")) return;
    const next = document.querySelector(".next:not(:disabled)");
    if (!next) return;
    event.preventDefault();
    next.click();
  });

  fold();
  unfold();
  window.addEventListener("hashchange", unfold);
  rows();
  counting();
  room();
  if (live) follow();
  if (body.dataset.trouble) setInterval(trouble, 2000);

  // On a phone the agenda is folded away; without this script it stands open.
  function fold() {
    const agenda = document.querySelector("#agenda > details");
    if (agenda && matchMedia("(max-width: 59.99rem)").matches) agenda.open = false;
  }

  // A link to something folded opens it.
  function unfold() {
    const wanted = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (wanted && wanted.tagName === "DETAILS") { wanted.open = true; wanted.scrollIntoView(); }
  }

  // The sheet is fetched, so that the page can say that it is being made and then show the new counts.
  async function download(form, button) {
    if (form.dataset.sent) return;
    form.dataset.sent = "1";
    const label = button.textContent;
    button.textContent = form.dataset.download;
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/pdf, text/html" } });
      if (answer.ok && (answer.headers.get("Content-Type") || "").startsWith("application/pdf")) {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(await answer.blob());
        link.download = form.dataset.name;
        document.body.append(link);
        link.click();
        setTimeout(() => location.reload(), 1500);
        return;
      }
      if (answer.redirected) { location.href = answer.url; return; }
      const told = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
      if (told) document.querySelector("main").replaceWith(document.importNode(told, true));
    } catch (error) {
      button.textContent = label;
      button.disabled = false;
      delete form.dataset.sent;
    }
  }

  // The room's chart, its table and its prompt come from the screen's own page: the same picture by the same script.
  async function room() {
    const box = document.querySelector("[data-chart]");
    if (!box) return;
    try {
      const answer = await fetch(body.dataset.view, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const seen = new DOMParser().parseFromString(await answer.text(), "text/html");
      const chart = seen.getElementById("chart");
      if (!chart || !box.isConnected) return;
      box.setAttribute("role", "img");
      box.setAttribute("aria-label", chart.getAttribute("aria-label"));
      fill("[data-behind]", seen.querySelector("#behind table"));
      const panel = seen.querySelector(".panel.talk");
      fill("[data-asked]", panel && panel.querySelector(".ask"), panel && panel.querySelector(".what"));
      box.dataset.figure = chart.dataset.figure;
      await script(body.dataset.plotly);
      await script(body.dataset.figures);
      window.prikkFigure.draw(box);
    } catch (error) { connected(false); }
  }

  function fill(place, ...nodes) {
    const holder = document.querySelector(place);
    if (!holder) return;
    const found = nodes.filter(Boolean).reverse();
    holder.replaceChildren(...found.map((node) => document.importNode(node, true)));
    holder.hidden = found.length === 0;
  }

  function script(address) {
    loaded[address] = loaded[address] || new Promise((resolve, reject) => {
      const tag = document.createElement("script");
      tag.src = address;
      tag.onload = resolve;
      tag.onerror = reject;
      document.head.append(tag);
    });
    return loaded[address];
  }

  // The stream tells versions and turnout, never answers. One stream, one refresh at a time.
  function follow() {
    let stream, heard = Date.now();
    function open() {
      if (stream) stream.close();
      heard = Date.now();
      stream = new EventSource(live);
      stream.addEventListener("message", (event) => take(event.data));
      stream.addEventListener("state", (event) => take(event.data));
      stream.onopen = () => connected(true);
      stream.onerror = () => {
        connected(false);
        if (stream.readyState === EventSource.CLOSED) setTimeout(open, 2000 + Math.random() * 2000);
      };
    }
    function take(data) {
      let told;
      try { told = JSON.parse(data); } catch (error) { return; }
      heard = Date.now();
      connected(true);
      if (typeof told.turnout === "number") turnout(told.turnout, told.entitled);
      if (typeof told.version === "number" && told.version !== newest) { newest = told.version; refresh(); }
    }
    open();
    // The server speaks every 15 seconds: a stream that is silent longer is dead, or was refused.
    setInterval(() => { if (Date.now() - heard > 17000) { connected(false); open(); } }, 3000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { open(); refresh(); } });
    window.addEventListener("online", () => { open(); refresh(); });
    window.addEventListener("pagehide", () => stream.close());
  }

  function connected(is) {
    const sign = document.getElementById("connection");
    if (sign) sign.hidden = is;
  }

  // What is wrong with the database is said where the facilitator looks, long before somebody asks.
  async function trouble() {
    try {
      const answer = await fetch(body.dataset.trouble, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const said = (await answer.json()).said, sign = document.getElementById("trouble");
      if (sign.textContent !== said) sign.textContent = said;
      sign.hidden = !said;
    } catch (error) { connected(false); }
  }

  function turnout(number, entitled) {
    const box = document.querySelector("[data-turnout]");
    if (!box) return;
    if (Number(box.dataset.of) !== entitled) refresh(); // somebody came late: one ring more
    document.querySelectorAll("[data-turnout-number]").forEach((place) => { place.textContent = String(number); });
    box.querySelectorAll(".ring").forEach((ring, place) => ring.classList.toggle("in", place < number));
  }

  async function refresh() {
    if (body.dataset.busy) return;
    if (refreshing) { again = true; return; }
    refreshing = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.status === 401) { location.reload(); return; }
      if (answer.ok) renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
      else newest = 0;
    } catch (error) {
      connected(false);
      newest = 0;
    } finally {
      refreshing = false;
      if (!newest) again = true;
      setTimeout(() => { if (again) { again = false; refresh(); } }, newest ? 700 : 2000);
    }
  }

  // Parts are replaced one by one; what somebody is writing in, or has opened, is left alone.
  function renew(page) {
    body.dataset.version = page.body.dataset.version;
    newest = Number(page.body.dataset.version || newest);
    document.querySelectorAll("[data-part]").forEach((part) => {
      const fresh = page.getElementById(part.id);
      if (!fresh || fresh.innerHTML === part.innerHTML) return;
      const chart = part.querySelector("[data-chart]");
      const freshChart = fresh.querySelector("[data-chart]");
      if (chart && freshChart && chart.dataset.chart === freshChart.dataset.chart) {
        // The same chart stays where it is and only goes on to its next stage.
        part.className = fresh.className;
        part.querySelector(".label").replaceWith(document.importNode(fresh.querySelector(".label"), true));
        room();
        return;
      }
      const writing = Array.from(part.querySelectorAll("textarea, input:not([type=hidden])"))
        .some((one) => one.value !== one.defaultValue || one === document.activeElement);
      if (writing) {
        // The words stay, the version they are sent with is today's.
        part.querySelectorAll("input[name=version]").forEach((one) => { one.value = body.dataset.version; });
        return;
      }
      // What is folded or unfolded stays so.
      const before = Array.from(part.querySelectorAll("details")), after = Array.from(fresh.querySelectorAll("details"));
      if (before.length === after.length) before.forEach((one, place) => { after[place].open = one.open; });
      const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
      part.replaceWith(document.importNode(fresh, true));
      if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
      if (freshChart) room();
    });
  }

  // Rows can be added and taken away without asking the server.
  function rows() {
    document.querySelectorAll("[data-rows]").forEach((list) => {
      const form = list.closest("form");
      form.addEventListener("click", (event) => {
        const button = event.target.closest("button[name=add], button[name=remove]");
        if (!button || button.dataset.list !== list.dataset.rows) return;
        event.preventDefault();
        if (button.name === "add") { add(list); return; }
        if (list.children.length > 1) button.closest("li").remove(); else clear(button.closest("li"));
      });
      form.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || !event.target.matches("[data-rows] input[type=text]")) return;
        if (!list.contains(event.target)) return;
        event.preventDefault();
        const here = event.target.closest("li");
        const below = here.nextElementSibling;
        if (below) below.querySelector("input[type=text]").focus(); else add(list);
      });
    });
  }

  function add(list) {
    const last = list.lastElementChild;
    const row = last.cloneNode(true);
    const place = Number(list.dataset.next || list.children.length);
    list.dataset.next = String(place + 1);
    for (const one of row.querySelectorAll("[name], [id], [for], [value]")) {
      for (const name of ["name", "id", "for"]) {
        const value = one.getAttribute(name);
        if (value) one.setAttribute(name, value.replace(/-\d+/, "-" + place));
      }
    }
    clear(row);
    list.append(row);
    row.querySelector("input[type=text]").focus();
  }

  function clear(row) {
    row.querySelectorAll("input").forEach((one) => {
      if (one.type === "checkbox") one.checked = true;
      else if (one.type !== "color") { one.value = ""; one.removeAttribute("aria-invalid"); }
    });
    row.querySelectorAll(".error").forEach((one) => one.remove());
  }

  // The quarter rule, beside the number it is about.
  function counting() {
    const hint = document.querySelector("[data-quarter]");
    const list = document.querySelector("[data-rows=items]");
    if (!hint || !list) return;
    const show = () => {
      const number = Array.from(list.querySelectorAll("input[type=text]")).filter((one) => one.value.trim()).length;
      hint.hidden = number < 2;
      hint.textContent = hint.dataset.quarter.replace("{n}", number).replace("{dots}", Math.max(1, Math.round(number / 4)));
    };
    list.closest("form").addEventListener("input", show);
    show();
  }
})();
