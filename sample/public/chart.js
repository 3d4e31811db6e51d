/** A line over the last minutes, drawn as SVG; numbers and labels are HTML, so that they keep their shape. */

const WIDTH = 600;
const HEIGHT = 120;
/** Samples come every second; more than this apart, there were none in between. */
const HOLE_MS = 2500;

export class Chart {
  #figure;
  #options;
  #plot;
  #axis;

  /**
   * @param {HTMLElement} figure
   * @param {object} options
   * @param {number} options.spanMs what the width shows
   * @param {(sample: object) => number} options.value
   * @param {(highest: number) => number} options.top the value at the upper edge
   * @param {(value: number) => string} options.format
   * @param {(sample: object) => string} options.detail the line under the number
   */
  constructor(figure, options) {
    this.#figure = figure;
    this.#options = options;
    figure.querySelector('.plot').innerHTML = `
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img">
        <path class="missing" /><path class="replayed" />
        <path class="grid" d="M0 0.5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}" />
        <path class="area" /><path class="line" />
      </svg>
      <span class="head" hidden></span>
      <span class="axis top" aria-hidden="true"></span>
      <span class="axis from" aria-hidden="true">2 min ago</span>
      <span class="axis to" aria-hidden="true">now</span>`;
    this.#plot = figure.querySelector('svg');
    this.#axis = figure.querySelector('.axis.top');
  }

  /**
   * @param {object[]} samples oldest first
   * @param {number} now the time at the right edge
   */
  draw(samples, now) {
    const { spanMs, value, format } = this.#options;
    const newest = samples.at(-1);
    if (!newest) return;
    const highest = samples.reduce((most, sample) => Math.max(most, value(sample)), 0);
    const top = this.#options.top(highest);
    const x = (at) => Math.min(WIDTH * (1 - (now - at) / spanMs), WIDTH);
    const y = (sample) => HEIGHT * (1 - Math.min(value(sample) / top, 1));

    const runs = unbroken(samples);
    const points = runs.map((run) => run.map((sample) => `${x(sample.at).toFixed(1)} ${y(sample).toFixed(1)}`));
    this.#set('line', points.map((run) => `M${run.join('L')}`).join(''));
    this.#set(
      'area',
      points.map((run, n) => `M${x(runs[n][0].at).toFixed(1)} ${HEIGHT}L${run.join('L')}V${HEIGHT}Z`).join(''),
    );
    this.#set('missing', missingTimes(samples, now).map(band(x)).join(''));
    this.#set('replayed', replayedTimes(samples).map(band(x)).join(''));

    const head = this.#figure.querySelector('.head');
    head.hidden = false;
    head.style.left = `${(100 * x(newest.at)) / WIDTH}%`;
    head.style.top = `${(100 * y(newest)) / HEIGHT}%`;
    this.#axis.textContent = format(top);
    this.#tell(newest, highest);
  }

  #tell(newest, highest) {
    const { value, format, detail } = this.#options;
    const now = format(value(newest));
    const [number, unit] = now.split('\u00a0');
    const output = this.#figure.querySelector('output');
    output.innerHTML = '';
    output.append(number, Object.assign(document.createElement('small'), { textContent: `\u00a0${unit}` }));
    this.#figure.querySelector('.detail').textContent = detail(newest);
    const name = this.#figure.querySelector('figcaption').textContent;
    this.#plot.setAttribute('aria-label', `${name}: ${now} now, at most ${format(highest)} in the last two minutes`);
  }

  #set(path, d) {
    this.#plot.querySelector(`.${path}`).setAttribute('d', d);
  }
}

/** The samples, cut where time is missing between them. */
function unbroken(samples) {
  const runs = [];
  samples.forEach((sample, n) => {
    if (n === 0 || sample.at - samples[n - 1].at > HOLE_MS) runs.push([]);
    runs.at(-1).push(sample);
  });
  return runs;
}

function missingTimes(samples, now) {
  const ends = [...samples.slice(1).map(({ at }) => at), now];
  return ends.map((to, n) => ({ from: samples[n].at, to })).filter(({ from, to }) => to - from > HOLE_MS);
}

function replayedTimes(samples) {
  return samples.filter(({ replayed }) => replayed).map(({ at }) => ({ from: at - 1000, to: at }));
}

const band =
  (x) =>
  ({ from, to }) => {
    const left = Math.max(x(from), 0);
    return `M${left.toFixed(1)} 0H${Math.max(x(to), left).toFixed(1)}V${HEIGHT}H${left.toFixed(1)}Z`;
  };
