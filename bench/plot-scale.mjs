/** A logarithmic axis: where a value is, and which values are named. */

/** However little the values differ, the axis spans so much, lest noise looks like growth. */
const LEAST_SPAN = 10;
/** With more than so many, the powers of ten alone. */
const MOST_TICKS = 9;
const STEPS = [1, 2, 5];

/** @typedef {{ from: number, to: number }} Range */

/**
 * @param {number[]} values all above zero
 * @param {Range} pixels where the lowest and the highest are
 */
export function logScale(values, pixels) {
  if (values.some((value) => !(value > 0)))
    throw new Error('a logarithmic axis has no place for what is not above zero');
  const { from, to } = widened(Math.min(...values), Math.max(...values));
  const perLog = (pixels.to - pixels.from) / Math.log(to / from);
  return {
    /** @param {number} value */
    at: (value) => pixels.from + Math.log(value / from) * perLog,
    ticks: ticksIn(from, to),
  };
}

/** A little wider than the values, and not too narrow. @param {number} least @param {number} most @returns {Range} */
function widened(least, most) {
  const factor = Math.max(1.1, Math.sqrt((LEAST_SPAN * least) / most));
  return { from: least / factor, to: most * factor };
}

/** @param {number} from @param {number} to */
function ticksIn(from, to) {
  const first = Math.floor(Math.log10(from));
  const decades = Array.from({ length: Math.ceil(Math.log10(to)) - first + 1 }, (_, index) => first + index);
  /** @param {number[]} steps */
  const within = (steps) =>
    decades
      .flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)))
      .filter((tick) => tick >= from && tick <= to);
  const fine = within(STEPS);
  return fine.length > MOST_TICKS ? within([1]) : fine;
}
