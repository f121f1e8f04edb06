// The live wall of an open question: every dot in its group's colour, at once. Groups lie in the meeting's own order in
// each row or stack, so that nothing tells who came first. prikkWall.show(counts) with [{item, level, group, n}].
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg", UNITS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let latest = [];

  // Each dot strays up to 4 % of its diameter; the place decides how, so it stays where it is.
  const stray = (n, size) => (((n * 2654435761) % 1000) / 1000 - 0.5) * 0.08 * size;

  function dots(counts, item, level, groups, unit) {
    const found = [];
    let before = 0;
    for (const group of groups) {
      const sum = counts.filter(one => one.item === item && one.group === group.key && (level === null || one.level === level))
        .reduce((all, one) => all + one.n, 0);
      const many = Math.round((before + sum) / unit) - Math.round(before / unit);
      for (let n = 0; n < many; n++) found.push({colour: group.colour, key: `${level}/${group.key}/${n}`});
      before += sum;
    }
    return found;
  }

  function place(svg, wanted, size, fresh) {
    const there = new Map([...svg.querySelectorAll("circle")].map(node => [node.dataset.key, node]));
    wanted.forEach(({key, colour, x, y}, index) => {
      let node = there.get(key);
      there.delete(key);
      if (!node) {
        node = document.createElementNS(SVG, "circle");
        node.dataset.key = key;
        if (fresh && !still.matches) node.classList.add("landing");
        svg.append(node);
      }
      const outline = Math.max(1, size / 12);
      const set = {cx: x + stray(index, size), cy: y + stray(index + 7, size), r: (size - outline) / 2, fill: colour, "stroke-width": outline};
      for (const name of Object.keys(set)) node.setAttribute(name, set[name]);
    });
    there.forEach(node => node.remove());
  }

  // Stacks two abreast over each step of the scale; an odd one lies centred on top.
  function stacks(svg, item, counts, plan, fresh) {
    const steps = plan.axis, wide = svg.clientWidth / steps.length, high = svg.clientHeight;
    const tall = Math.max(6, ...steps.map(step => counts.filter(one => one.item === item && one.level === step).reduce((all, one) => all + one.n, 0)));
    let unit = 1, size = 0;
    for (unit of UNITS) {
      size = Math.min(wide / 2.3, plan.largest, high / (Math.ceil(tall / unit / 2) * 1.1 + 0.1));
      if (size >= plan.least) break;
    }
    const wanted = steps.flatMap((step, column) => {
      const pile = dots(counts, item, step, plan.groups, unit);
      return pile.map((dot, n) => ({...dot,
        x: (column + 0.5) * wide + (n === pile.length - 1 && n % 2 === 0 ? 0 : (n % 2 ? 0.55 : -0.55) * size),
        y: high - (Math.floor(n / 2) + 0.5) * size * 1.1}));
    });
    place(svg, wanted, size, fresh);
    return unit;
  }

  function rows(svg, item, counts, plan, fresh, most) {
    let unit = 1, size = 0, lines = 1;
    const high = svg.clientHeight, wide = svg.clientWidth;
    search: for (unit of UNITS) {
      for (lines of [1, 2, 3]) {
        size = Math.min(plan.largest, high / (lines * 1.1 + 0.1), wide / (Math.ceil(Math.max(10, most) / unit / lines) * 1.1 + 0.2));
        if (size >= plan.least) break search;
      }
    }
    const line = Math.max(1, Math.floor((wide / size - 0.2) / 1.1)), pile = dots(counts, item, null, plan.groups, unit);
    const used = Math.max(1, Math.ceil(pile.length / line));
    place(svg, pile.map((dot, n) => ({...dot,
      x: ((n % line) * 1.1 + 0.6) * size,
      y: high / 2 + (Math.floor(n / line) - (used - 1) / 2) * size * 1.1})), size, fresh);
    return unit;
  }

  function show(counts, fresh = true) {
    const wall = document.getElementById("wall");
    if (!wall) return;
    latest = counts;
    const plan = JSON.parse(document.getElementById("wall-plan").textContent);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    Object.assign(plan, {largest: 3.1 * rem, least: 1.1 * rem});
    const total = item => counts.filter(one => one.item === item).reduce((all, one) => all + one.n, 0);
    const svgs = [...wall.querySelectorAll("svg[data-item]")], most = Math.max(0, ...svgs.map(svg => total(svg.dataset.item)));
    let unit = 1;
    for (const svg of svgs) {
      const item = svg.dataset.item;
      unit = Math.max(unit, plan.axis.length ? stacks(svg, item, counts, plan, fresh) : rows(svg, item, counts, plan, fresh, most));
      const number = svg.parentNode.querySelector("[data-sum]");
      if (number) number.textContent = total(item);
    }
    const many = document.getElementById("wall-unit");
    if (many) { many.hidden = unit === 1; many.querySelector("b").textContent = unit; }
  }

  window.prikkWall = {show};
  addEventListener("resize", () => show(latest, false));
})();
