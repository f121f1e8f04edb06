// Draws the chart that an element's data-figure address answers with, scaled to the element, and lets dots fall into place.
// prikkFigure.draw(element, {reveal}) draws again; every [data-figure] on the page is drawn once by itself.
(() => {
  "use strict";
  const FALL = 420, LAST = 1500;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const drawn = new WeakMap(); // element -> {address, layout, seen}

  function fit(box) {
    const now = drawn.get(box);
    if (!now || !now.layout || !box.clientWidth) return;
    const {width, height} = now.layout;
    let scale = box.clientWidth / width;
    if (box.dataset.fit === "width") box.style.height = `${height * scale}px`;
    else scale = Math.min(scale, box.clientHeight / height);
    box.querySelector(".paper").style.transform = `scale(${scale})`;
  }
  const watch = new ResizeObserver(entries => entries.forEach(entry => fit(entry.target)));

  const names = list => new Set((list || []).map(one => JSON.stringify(one)));

  function fall(paper) {
    for (const dot of paper.querySelectorAll(".scatterlayer .points path")) {
      dot.animate(
        [{opacity: 0, translate: "0 -60px"}, {opacity: 1, offset: 0.3}, {opacity: 1, translate: "0 0"}],
        {duration: FALL, delay: Math.random() * LAST, easing: "cubic-bezier(.3, 1.2, .5, 1)", fill: "backwards"});
    }
  }

  function appear(paper, layout, seen) {
    const fade = (selector, list) => (list || []).forEach((one, index) => {
      if (seen.has(JSON.stringify(one))) return;
      for (const node of paper.querySelectorAll(`${selector}[data-index="${index}"]`)) {
        node.animate([{opacity: 0}, {opacity: 1}], {duration: FALL});
      }
    });
    fade(".annotation", layout.annotations);
    fade(".shapelayer path", layout.shapes);
  }

  async function draw(box, {reveal = false} = {}) {
    const address = box.dataset.figure, before = drawn.get(box);
    if (!address || (before && before.address === address)) return;
    drawn.set(box, {...before, address});
    let chart;
    try {
      const answer = await fetch(address, {headers: {Accept: "application/json"}});
      if (!answer.ok) throw new Error(String(answer.status));
      chart = await answer.json();
    } catch {
      if (drawn.get(box).address === address) drawn.set(box, {...before, address: ""});
      return;
    }
    if (drawn.get(box).address !== address) return; // another one was asked for meanwhile
    let paper = box.querySelector(".paper");
    if (!paper) {
      paper = document.createElement("div");
      paper.className = "paper";
      box.append(paper);
      watch.observe(box);
    }
    await document.fonts.ready;
    const seen = before && before.seen;
    await Plotly.react(paper, chart.data, chart.layout, chart.config);
    drawn.set(box, {address, layout: chart.layout, seen: new Set([...names(chart.layout.annotations), ...names(chart.layout.shapes)])});
    fit(box);
    box.dataset.stage = chart.stage;
    if (still.matches) return;
    if (reveal) fall(paper);
    else if (seen) appear(paper, chart.layout, seen);
  }

  window.prikkFigure = {draw};
  document.querySelectorAll("[data-figure]").forEach(box => draw(box));
})();
