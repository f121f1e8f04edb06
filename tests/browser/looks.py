"""Scripts that measure a page as it is laid out: what is covered, too small, on top of another, or read."""

# What scrolls sideways, lies under something else where it has the focus, or is cut off.
COVERED = """() => {
  const bad = [], root = document.documentElement;
  const tell = e => e.outerHTML.replace(/\\s+/g, " ").slice(0, 100);
  if (root.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll("body *")]
      .filter(e => e.getBoundingClientRect().right > innerWidth + 1);
    bad.push(`${root.scrollWidth} wide: ` + wide.map(tell).slice(0, 3).join(" | "));
  }
  const inside = ["h1", "h2", "p", "label", "a", "button", "summary", "dd"].map(name => "main " + name);
  for (const e of document.querySelectorAll(["header *", ...inside].join())) {
    if (!e.checkVisibility({visibilityProperty: true}) || e.closest("svg, .vh")) continue;
    if (e.matches("a, button, summary")) e.focus(); else e.scrollIntoView({block: "center"});
    const r = e.getBoundingClientRect();
    if (r.width < 2 || r.height < 2) continue;
    const middle = Math.max(1, Math.min(innerHeight - 1, r.top + r.height / 2));
    const hit = document.elementFromPoint(r.left + r.width / 2, middle);
    const free = hit && (e.contains(hit) || hit.contains(e));
    if (!free) bad.push(`${tell(e)} lies under ${hit ? tell(hit) : "nothing"}`);
    const cut = e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible";
    if (cut) bad.push(`${tell(e)} is cut`);
  }
  return bad;
}"""

# Every text on the wall, with its size on the screen; a chart's own scale is counted in.
SIZES = """() => [...document.querySelectorAll("body *")].flatMap(one => {
  const own = [...one.childNodes].filter(node => node.nodeType === 3);
  const text = own.map(node => node.textContent).join("").trim();
  if (!text || !one.checkVisibility({opacityProperty: true})) return [];
  if (one.closest(".hidden, .behind, script, noscript")) return [];
  const paper = one.closest(".paper");
  const scale = paper ? paper.getBoundingClientRect().width / paper.offsetWidth : 1;
  return [[text, parseFloat(getComputedStyle(one).fontSize) * scale]];
})"""

# Pairs of texts in the chart that lie on one another, and texts that leave it. A line's box is taller than
# its letters: a fifth above and below is air.
OVERLAPS = """() => {
  const seen = one => one.textContent.trim() && one.checkVisibility({opacityProperty: true});
  const texts = [...document.querySelectorAll("#chart svg text")].filter(seen), bad = [];
  const boxes = texts.map(one => {
    const {left, right, top, bottom} = one.getBoundingClientRect();
    const air = 0.2 * parseFloat(getComputedStyle(one).fontSize);
    return {text: one.textContent, left, right, top: top + air, bottom: bottom - air};
  });
  const chart = document.getElementById("chart").getBoundingClientRect();
  boxes.forEach((a, i) => {
    for (const b of boxes.slice(i + 1)) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 2 && high > 2) bad.push(`${a.text} / ${b.text}`);
    }
    const outside = a.left < chart.left - 2 || a.right > chart.right + 2 || a.bottom > chart.bottom + 2;
    if (outside) bad.push(`outside: ${a.text}`);
  });
  return bad;
}"""

# Texts, labels and titles, but for what says itself that it is in another language than the page.
READ = """() => {
  const own = document.documentElement.lang, found = [document.title];
  const is = one => one && one.closest("[lang]").lang === own && !one.closest("script, style, code");
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (is(walk.currentNode.parentElement)) found.push(walk.currentNode.textContent);
  for (const one of document.querySelectorAll("[aria-label], [placeholder], [title]"))
    if (is(one)) found.push(one.getAttribute("aria-label") || one.getAttribute("placeholder") || one.title);
  return found.map(one => one.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""

# The same of one chart, given as its element, wherever it stands on a page and however it is scaled.
CHART_OVERLAPS = """chart => {
  const place = chart.getBoundingClientRect(), bad = [];
  const scale = place.width / chart.firstElementChild.offsetWidth;
  const texts = [...chart.querySelectorAll("svg text")].filter(one => one.textContent.trim());
  const boxes = texts.map(one => {
    const {left, right, top, bottom} = one.getBoundingClientRect();
    const air = 0.2 * parseFloat(getComputedStyle(one).fontSize) * scale;
    return {text: one.textContent, left, right, top: top + air, bottom: bottom - air};
  });
  boxes.forEach((a, i) => {
    for (const b of boxes.slice(i + 1)) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 2 && high > 2) bad.push(`${a.text} / ${b.text}`);
    }
    const beside = a.left < place.left - 2 || a.right > place.right + 2;
    if (beside || a.top < place.top - 6 || a.bottom > place.bottom + 2) bad.push(`outside: ${a.text}`);
  });
  return bad;
}"""
