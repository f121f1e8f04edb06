"use strict";
// Makes a ballot easier to fill in. Without this file every ballot is a plain form with the same fields.
(() => {
  const say = text => { document.getElementById("said").textContent = text; };
  const SVG = "http://www.w3.org/2000/svg";

  function drawing(name, values) {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
    return element;
  }

  function dot(name, colour) {
    const svg = drawing("svg", { class: "dot " + name, viewBox: "0 0 24 24", "aria-hidden": "true" });
    const circle = drawing("circle", { cx: 12, cy: 12, r: 10.9 });
    if (colour) circle.setAttribute("fill", colour);
    svg.append(circle);
    return svg;
  }

  function mine() {
    return document.querySelector(".chip circle")?.getAttribute("fill");
  }

  const chosen = step => step.querySelector("input:checked");

  // ---- one statement at a time ----
  function steps(form) {
    const all = [...form.querySelectorAll(".step")], review = form.querySelector("[data-review]");
    const [back, next, blank, handIn] = ["back", "next", "blank", "hand-in"].map(name => form.querySelector(`[data-${name}]`));
    const done = document.createElement("p");
    let at = 0, looked = false;
    done.className = "done";
    all[0].before(done);
    form.classList.add("ask");

    function mark() {
      const looking = at === all.length, last = at === all.length - 1, answered = !looking && chosen(all[at]);
      const any = all.some(chosen), ends = looking || (last && !review);
      done.hidden = looking || all.length < 2;
      done.replaceChildren(...all.map((step, index) => {
        const name = index === at ? "now" : chosen(step) ? "" : "none";
        return dot(name, name ? "" : step.dataset.colour || mine());
      }));
      const count = document.createElement("b");
      count.textContent = looking ? "" : all[at].querySelector(".of").textContent;
      done.append(count);
      back.hidden = at === 0 || looking;
      next.hidden = ends;
      next.textContent = (last || looked) && review ? next.dataset.look : answered ? next.dataset.next : next.dataset.skip;
      next.classList.toggle("go", Boolean(answered));
      handIn.hidden = !ends || !any;
      blank.hidden = !ends || any;
      blank.classList.toggle("wide", true);
    }

    function go(to, focus) {
      at = to;
      all.forEach((step, index) => step.classList.toggle("now", index === at));
      form.querySelector(".head").hidden = at === all.length;
      form.querySelector("details").hidden = at > 0;
      if (review) {
        review.hidden = at < all.length;
        if (!review.hidden) { looked = true; lines(review, all, go); }
      }
      mark();
      if (!focus) return;
      scrollTo(0, 0);
      const place = at === all.length ? review.querySelector("h1") : all[at].querySelector(".statement");
      place.tabIndex = -1;
      place.focus({ preventScroll: true });
    }

    back.addEventListener("click", () => go(at - 1, true));
    next.addEventListener("click", () => go(looked && review ? all.length : at + 1, true));
    form.addEventListener("change", mark);
    form.addEventListener("keydown", event => {
      // Enter goes on, as it would on paper; only the last step hands in.
      if (event.key !== "Enter" || !event.target.matches("input")) return;
      event.preventDefault();
      if (!next.hidden) next.click();
    });
    lift(form, mark);
    go(0, false);
  }

  // A second tap on a chosen bead lifts it again: a radio button alone cannot be left unanswered once touched.
  function lift(form, mark) {
    let before = null;
    form.addEventListener("pointerdown", event => {
      const input = event.target.closest("label")?.querySelector("input[type=radio]");
      before = input?.checked ? input : null;
    });
    form.addEventListener("click", event => {
      if (event.target !== before || !event.detail) return;
      before.checked = false;
      before = null;
      mark();
    });
  }

  function lines(review, all, go) {
    const list = review.querySelector("ol"), { min, max } = list.dataset;
    list.className = "lines";
    list.replaceChildren(...all.map((step, index) => {
      const row = document.createElement("li"), button = document.createElement("button"), who = document.createElement("span");
      const input = chosen(step), number = input && input.value !== "dont_know";
      row.className = "own" in step.dataset ? "own" : "";
      button.type = "button";
      if (!("own" in step.dataset)) who.append(dot("", step.dataset.colour));
      who.append(step.dataset.name);
      button.append(who);
      const value = document.createElement(number ? "b" : "em");
      value.textContent = number ? input.value : input ? list.dataset.dontKnow : list.dataset.none;
      if (number) button.append(line((input.value - min) / (max - min)));
      button.append(value);
      button.addEventListener("click", () => go(index, true));
      row.append(button);
      return row;
    }));
  }

  function line(share) {
    const svg = drawing("svg", { class: "line", viewBox: "0 0 100 24", "aria-hidden": "true" });
    svg.append(drawing("path", { d: "M4 12h92" }), drawing("circle", { class: "at", cx: 10 + 80 * share, cy: 12, r: 9 }));
    return svg;
  }

  // ---- dots to stick and to lift ----
  function dots(form, list) {
    const budget = Number(list.dataset.dots), tray = form.querySelector("[data-tray]"), undo = form.querySelector("[data-undo]");
    const [blank, handIn] = [form.querySelector("[data-blank]"), form.querySelector("[data-hand-in]")];
    const fields = [...list.querySelectorAll("[name^=item-]")], past = [];
    const placed = () => fields.reduce((sum, field) => sum + (field.type === "number" ? Number(field.value) || 0 : Number(field.checked)), 0);
    const against = () => list.querySelector("[name^=against-]:checked");

    function mark() {
      const left = budget - placed();
      tray.hidden = false;
      list.classList.toggle("spent", left <= 0);
      tray.querySelectorAll(".left .dot").forEach((each, index) => each.classList.toggle("none", index >= left));
      const text = left < 0 ? tray.dataset.over.replace("{n}", -left) : tray.dataset.left.replace("{n}", left);
      tray.querySelector("b").textContent = text;
      say(text);
      if (undo) undo.hidden = !past.length;
      const any = left < budget || against();
      handIn.hidden = !any;
      blank.hidden = any;
      blank.classList.add("wide");
    }

    list.addEventListener("change", event => {
      const field = event.target;
      if (field.type === "checkbox" && field.checked && placed() > budget) {
        field.checked = false;
        say(tray.dataset.spent);
        tray.querySelector("b").textContent = tray.dataset.spent;
        return;
      }
      if (field.type === "checkbox") past.push(field);
      mark();
    });
    list.addEventListener("input", event => { if (event.target.type === "number") mark(); });
    undo?.addEventListener("click", () => {
      const field = past.pop();
      if (field) { field.checked = !field.checked; field.focus(); }
      mark();
    });
    mark();
  }

  document.addEventListener("shown", () => {
    const form = document.querySelector("form[data-cast]");
    if (!form) return;
    const list = form.querySelector("[data-dots]");
    if (list) dots(form, list);
    else if (form.querySelector(".step")) steps(form);
  });
})();
