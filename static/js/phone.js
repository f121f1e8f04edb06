"use strict";
// The phone's page: hears when the meeting moves on, sends the ballot until it is recorded, and never says more than it knows.
(() => {
  document.documentElement.classList.add("js");
  const WAITS = [500, 1000, 2000, 4000, 8000];
  let pending = null, tries = 0, retry = 0, ticking = 0, sending = false;
  let stream = null, poll = 0, quiet = 0, asking = false, loading = false, again = false, sent = 0;

  const main = () => document.querySelector("main");
  const store = {
    read() { try { return JSON.parse(sessionStorage.getItem("pending")); } catch { return null; } },
    keep(value) { try { sessionStorage.setItem("pending", JSON.stringify(value)); } catch { /* memory alone must do */ } },
    forget() { try { sessionStorage.removeItem("pending"); } catch { /* nothing was kept */ } },
  };

  // Put a page in place of this one, as if it had been loaded.
  function show(html, address) {
    const next = new DOMParser().parseFromString(html, "text/html");
    if (!next.querySelector("main")) { location.reload(); return; }
    const sheets = page => [...page.head.querySelectorAll("link[rel=stylesheet]")];
    const has = (page, sheet) => sheets(page).some(each => each.getAttribute("href") === sheet.getAttribute("href"));
    for (const sheet of sheets(document)) if (!has(next, sheet)) sheet.remove();
    for (const sheet of sheets(next)) if (!has(document, sheet)) document.head.append(document.adoptNode(sheet));
    document.documentElement.lang = next.documentElement.lang;
    document.title = next.title;
    document.body.replaceWith(document.adoptNode(next.body));
    history.replaceState(null, "", new URL(address).pathname);
    begin(true);
  }

  function begin(focus) {
    document.dispatchEvent(new Event("shown"));
    scrollTo(0, 0);
    if (focus) main().querySelector(".now h1, h1")?.focus({ preventScroll: true });
  }

  // ---- hearing ----
  function connect() {
    clearInterval(poll);
    stream?.close();
    stream = null;
    if (!main().dataset.live || document.hidden) return;
    if (!window.EventSource) { listen(); return; }
    stream = new EventSource(main().dataset.live);
    stream.onopen = () => { if (pending) send(); };
    stream.onmessage = event => heard(JSON.parse(event.data));
    stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) listen(); };
    wake();
  }

  function listen() {
    clearInterval(poll);
    poll = setInterval(ask, 2000 + Math.random() * 1000);
  }

  async function ask() {
    if (asking || document.hidden) return;
    asking = true;
    try { heard(await (await fetch(main().dataset.live + "?poll=1", { cache: "no-store" })).json()); } catch { /* the next one may do */ }
    asking = false;
  }

  // The server speaks every 15 seconds. A stream that is silent longer is dead, whatever the phone believes.
  function wake() {
    clearTimeout(quiet);
    quiet = setTimeout(connect, 40000);
  }

  function heard(state) {
    wake();
    if (!pending && (state.again || state.mark !== main().dataset.mark)) refresh();
  }

  async function refresh() {
    if (pending) return;
    if (loading) { again = true; return; }
    loading = true;
    again = false;
    // A page from before a ballot was sent says nothing of what became of it.
    const before = sent, stop = new AbortController(), limit = setTimeout(() => stop.abort(), 15000);
    try {
      const response = await fetch("/vote", { cache: "no-store", signal: stop.signal }), html = await response.text();
      if (response.status >= 500) throw new Error(response.status);
      if (!pending && before === sent) show(html, response.url);
      if (!main().dataset.live) connect();
    } catch { setTimeout(connect, 1000 + Math.random() * 3000); }
    clearTimeout(limit);
    loading = false;
    if (again) refresh();
  }

  // ---- sending ----
  function key() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");
  }

  document.addEventListener("submit", event => {
    const form = event.target;
    if (!form.matches("[data-cast]") || !window.fetch) { once(event); return; }
    event.preventDefault();
    if (pending) return;
    const body = new URLSearchParams(new FormData(form)), button = event.submitter || document.activeElement;
    if (button?.name) body.set(button.name, button.value);
    body.delete("csrf_token");
    body.set("key", key());
    pending = { body: body.toString(), token: form.elements.csrf_token.value };
    store.keep(pending);
    tries = 0;
    for (const each of form.querySelectorAll("footer .button")) each.disabled = true;
    if (button?.matches(".button")) button.textContent = form.dataset.sending + " …";
    send();
  });

  // A button pressed twice is pressed once, or one person could be given two cards.
  function once(event) {
    const moment = Date.now(), before = Number(event.target.dataset.sent || 0);
    if (moment - before < 5000) event.preventDefault(); else event.target.dataset.sent = moment;
  }

  async function send() {
    clearTimeout(retry);
    clearInterval(ticking);
    if (sending) return;
    sending = true;
    sent++;
    const slow = setTimeout(notYet, 2500), stop = new AbortController(), limit = setTimeout(() => stop.abort(), 15000);
    let response = null, html = "";
    try {
      const token = document.querySelector("[name=csrf_token]")?.value || pending.token;
      response = await fetch("/vote", { method: "POST", body: new URLSearchParams(pending.body + "&csrf_token=" + encodeURIComponent(token)), signal: stop.signal });
      if (response.status >= 500 || response.status === 429) response = null;
      else html = await response.text();
    } catch { response = null; }
    clearTimeout(slow);
    clearTimeout(limit);
    sending = false;
    if (!response) { later(); return; }
    // A verdict, whatever it is: nothing of the answer stays in this phone.
    store.forget();
    show(html, response.url);
    pending = null;
    connect();
  }

  function later() {
    notYet();
    const longest = WAITS[Math.min(tries++, WAITS.length - 1)];
    let left = Math.ceil((longest / 2 + Math.random() * longest / 2) / 1000);
    const said = main().querySelector("[data-next]");
    const tell = () => { if (said) said.textContent = said.dataset.next.replace("{n}", Math.max(left--, 1)); };
    tell();
    ticking = setInterval(tell, 1000);
    retry = setTimeout(send, longest / 2 + Math.random() * longest / 2);
  }

  function notYet() {
    const page = document.getElementById("pending");
    if (!page || main().dataset.state === "pending") return;
    main().dataset.state = "pending";
    main().replaceChildren(page.content.cloneNode(true));
    main().querySelector("h1").focus();
  }

  document.addEventListener("click", event => {
    if (event.target.closest("[data-retry]")) { tries = 0; send(); }
  });

  // ---- the card's QR: the code is behind the #, goes into a form and out of the address at once ----
  function code() {
    const field = document.getElementById("code"), typed = location.hash.slice(1);
    if (!field || !typed) return;
    history.replaceState(null, "", location.pathname);
    field.value = decodeURIComponent(typed);
    field.form.submit();
  }

  addEventListener("hashchange", code);
  addEventListener("online", () => { if (pending) send(); connect(); });
  // A browser has six lines to a server: six tabs that nobody looks at would leave none.
  document.addEventListener("visibilitychange", connect);
  addEventListener("pageshow", event => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    if (event.persisted && main().dataset.live && !pending) refresh();
    connect();
  });
  document.addEventListener("DOMContentLoaded", () => {
    code();
    pending = store.read();
    begin(false);
    if (!pending) return;
    if (!document.getElementById("pending")) { pending = null; store.forget(); return; }
    notYet();
    send();
  });
})();
