/**
 * Draws lines on two logarithmic axes, as an SVG that is as readable on a dark page as on a light one.
 *
 * @typedef {{ label: string, name?: (value: number) => string }} Axis label: in words, with the unit
 * @typedef {{ name: string, points: [x: number, y: number][] }} Line
 * @typedef {{ title: string, x: Axis, y: Axis, lines: Line[] }} Plot
 */
import { logScale } from './plot-scale.mjs';

const WIDTH = 760;
const PLOT_HEIGHT = 300;
const MARGIN = { left: 84, right: 28, bottom: 62 };
const TITLE_HEIGHT = 44;
const LEGEND_ROW = 22;
const MARK = 4.5;

/** Of two lines that cross, the form tells which is which; colours alone would not tell everybody. */
const MARKS = [
  (/** @type {number} */ x, /** @type {number} */ y) => `<circle cx="${x}" cy="${y}" r="${MARK}"/>`,
  (/** @type {number} */ x, /** @type {number} */ y) => polygon(x, y, [-1, -1, 1, -1, 1, 1, -1, 1], 0.9),
  (/** @type {number} */ x, /** @type {number} */ y) => polygon(x, y, [0, -1, 1, 0.8, -1, 0.8], 1.25),
  (/** @type {number} */ x, /** @type {number} */ y) => polygon(x, y, [0, -1, 1, 0, 0, 1, -1, 0], 1.35),
];

const STYLE = `
    svg { background: #fff; font: 13px system-ui, sans-serif; }
    text { fill: #24292f; }
    .title { font-size: 16px; font-weight: 600; }
    .grid { stroke: #d8dee4; }
    .line { fill: none; stroke-width: 2; }
    .c0 { stroke: #0b6bcb; color: #0b6bcb; }
    .c1 { stroke: #b4460e; color: #b4460e; }
    .c2 { stroke: #1a7f37; color: #1a7f37; }
    .c3 { stroke: #8250df; color: #8250df; }
    .mark { fill: currentColor; }
    @media (prefers-color-scheme: dark) {
      svg { background: #0d1117; }
      text { fill: #e6edf3; }
      .grid { stroke: #30363d; }
      .c0 { stroke: #58a6ff; color: #58a6ff; }
      .c1 { stroke: #ff9b5e; color: #ff9b5e; }
      .c2 { stroke: #56d364; color: #56d364; }
      .c3 { stroke: #bc8cff; color: #bc8cff; }
    }`;

/** @param {Plot} plot @throws if there are more lines than forms, or a value is not above zero */
export function plot({ title, x, y, lines }) {
  if (lines.length > MARKS.length) throw new Error(`at most ${MARKS.length} lines can be told apart`);
  const top = TITLE_HEIGHT + lines.length * LEGEND_ROW + 14;
  const bottom = top + PLOT_HEIGHT;
  const height = bottom + MARGIN.bottom;
  const points = lines.flatMap((line) => line.points);
  const [right, middle] = [WIDTH - MARGIN.right, (MARGIN.left + WIDTH - MARGIN.right) / 2];
  const across = logScale(
    points.map(([value]) => value),
    { from: MARGIN.left, to: right },
  );
  const up = logScale(
    points.map(([, value]) => value),
    { from: bottom, to: top },
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
    `  <style>${STYLE}\n  </style>`,
    text(20, 27, title, 'class="title"'),
    ...across.ticks.flatMap((tick) => {
      const at = pixel(across.at(tick));
      return [grid(at, top, at, bottom), text(at, bottom + 20, nameOf(tick, x), 'text-anchor="middle"')];
    }),
    ...up.ticks.flatMap((tick) => {
      const at = pixel(up.at(tick));
      return [grid(MARGIN.left, at, right, at), text(MARGIN.left - 10, at + 4, nameOf(tick, y), 'text-anchor="end"')];
    }),
    text(middle, height - 14, x.label, 'text-anchor="middle"'),
    text(0, 0, y.label, `text-anchor="middle" transform="translate(18 ${top + PLOT_HEIGHT / 2}) rotate(-90)"`),
    ...lines.flatMap(({ name, points: own }, index) => {
      const row = TITLE_HEIGHT + index * LEGEND_ROW + 8;
      const places = own.map(([value, cost]) => [pixel(across.at(value)), pixel(up.at(cost))]);
      const path = places.map((place) => place.join(',')).join(' ');
      return [
        `  <polyline class="line c${index}" points="${path}"/>`,
        `  <g class="mark c${index}">${places.map(([left, height]) => mark(index, left, height)).join('')}`,
        `    <path d="M20 ${row}h28"/>${mark(index, 34, row)}</g>`,
        text(56, row + 4, name),
      ];
    }),
    '</svg>\n',
  ].join('\n');
}

/** @param {number} index @param {number | undefined} x @param {number | undefined} y */
function mark(index, x, y) {
  return MARKS[index]?.(Number(x), Number(y)) ?? '';
}

/** @param {number} x @param {number} y @param {number[]} corners around it @param {number} size */
function polygon(x, y, corners, size) {
  const places = corners.map((offset, index) => pixel((index % 2 === 0 ? x : y) + offset * size * MARK));
  return `<polygon points="${places.join(' ')}"/>`;
}

/** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function grid(x1, y1, x2, y2) {
  return `  <line class="grid" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

/** @param {number} x @param {number} y @param {string} words @param {string} [attributes] */
function text(x, y, words, attributes = '') {
  return `  <text x="${x}" y="${y}" ${attributes}>${escaped(words)}</text>`;
}

/** @param {number} value @param {Axis} axis */
function nameOf(value, { name = (own) => own.toLocaleString('en', { maximumSignificantDigits: 3 }) }) {
  return name(value);
}

/** A tenth of a pixel is enough, and keeps the file small. @param {number} value */
function pixel(value) {
  return Math.round(value * 10) / 10;
}

/** @param {string} words */
function escaped(words) {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
