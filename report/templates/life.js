// Everything is there without this, drawn and listed; it shows a part of the time, and of the list what changed in it.
"use strict";
const chart = document.getElementById("chart");
const [length, around] = [Number(chart.dataset.length), Number(chart.dataset.around)];
const pictures = Array.from(chart.querySelectorAll("svg"), (svg) => [svg, svg.viewBox.baseVal.height]);
const rows = Array.from(document.querySelectorAll("tr[data-at]"), (row) => [row, Number(row.dataset.at)]);
const axis = document.getElementById("axis");
const label = (seconds) => {
  const [minutes, rest] = [Math.floor(Math.abs(seconds) / 60), Math.abs(seconds) % 60];
  return `${seconds < 0 ? "−" : ""}${minutes}:${String(Math.floor(rest)).padStart(2, "0")}`;
};
let [since, until] = [0, length];
const show = (from, to) => {
  [since, until] = [from, to];
  for (const [svg, height] of pictures) svg.setAttribute("viewBox", `${from} 0 ${to - from} ${height}`);
  const every = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200].find((step) => (to - from) / step <= 8) ?? 43200;
  axis.replaceChildren();
  for (let at = Math.ceil(from / every) * every; at <= to - (to - from) * 0.03; at += every) {
    const tick = document.createElement("span");
    tick.style.left = `${(100 * (at - from)) / (to - from)}%`;
    tick.textContent = label(at);
    axis.append(tick);
  }
  let count = 0;
  for (const [row, at] of rows) {
    row.hidden = at < from || at > to;
    count += row.hidden ? 0 : 1;
  }
  document.getElementById("nothing").hidden = count > 0;
  const whole = from <= 0 && to >= length;
  document.getElementById("shown").textContent = `${whole ? "The whole life" : `${label(from)} to ${label(to)}`}: ${count} changes`;
};
const follow = () => {
  const chosen = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const at = Number(chosen?.dataset.at);
  chart.classList.toggle("close", Number.isFinite(at));
  if (Number.isFinite(at)) {
    show(at - around, at + around);
    document.getElementById("controls").scrollIntoView({ block: "start" });
  } else show(0, length);
};
const move = (middle, width) => {
  chart.classList.remove("close");
  show(middle - width / 2, middle + width / 2);
};
for (const button of document.querySelectorAll("#controls button")) {
  button.addEventListener("click", () => {
    const [middle, width] = [(since + until) / 2, until - since];
    const zoom = Number(button.dataset.zoom ?? 1);
    move(middle + width * Number(button.dataset.move ?? 0), Math.min(Math.max(width * zoom, 1), length * 2));
  });
}
document.getElementById("controls").hidden = false;
addEventListener("hashchange", follow);
follow();
