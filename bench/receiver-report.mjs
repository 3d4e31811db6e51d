/** The tables of receiver.mjs, and what follows from them. */
import { BASELINE, OTHERS, OURS, subjects, USUAL } from './receiver-subjects.mjs';
import { EVENT_BYTES, PER_SECOND, workloads } from './receiver-workloads.mjs';

/** Less than this is noise. */
const NOISE = 1.1;

/**
 * @typedef {import('./receiver-process.mjs').Result} Result
 * @typedef {import('./receiver-workloads.mjs').WorkloadName} WorkloadName
 * @typedef {Map<string, Result>[]} Rounds
 * @typedef {keyof Result} Figure
 */

const titles = {
  bulk: `BULK: 1 stream, ${workloads.bulk.events.toLocaleString('en')} events, as fast as they are taken`,
  paced: `PACED: ${workloads.paced.streams} streams at once, ${PER_SECOND} events/s each`,
};

/**
 * What decides who is first: with paced streams it is the server that sets the speed.
 *
 * @type {Record<WorkloadName, Figure[]>}
 */
const deciding = { bulk: ['perSecond', 'cpuMicros'], paced: ['cpuMicros'] };

/** @param {WorkloadName} workload @param {Rounds} rounds */
export function printTable(workload, rounds) {
  console.log(`\n${titles[workload]}; events of ${EVENT_BYTES} B, each an HTTP chunk; rounds: ${rounds.length}`);
  /** @param {Figure} figure */
  const ratiosAbove = (figure) => (deciding[workload].includes(figure) ? ['÷ that of', '÷ that of'] : []);
  /** @param {Figure} figure */
  const ratiosBelow = (figure) => (deciding[workload].includes(figure) ? ['baseline', USUAL] : []);
  printRow(['', 'speed,', ...ratiosAbove('perSecond'), 'CPU per', ...ratiosAbove('cpuMicros')]);
  printRow(['', 'events/s', ...ratiosBelow('perSecond'), 'event, µs', ...ratiosBelow('cpuMicros')]);
  for (const subject of Object.keys(subjects)) {
    /** @param {Figure} figure */
    const ratios = (figure) =>
      deciding[workload].includes(figure)
        ? [BASELINE, USUAL].map((other) => times(ratio(rounds, figure, subject, other)))
        : [];
    const speed = Math.round(median(rounds.map((round) => of(round, subject).perSecond))).toLocaleString('en');
    const cpu = median(rounds.map((round) => of(round, subject).cpuMicros)).toFixed(2);
    printRow([subject, speed, ...ratios('perSecond'), cpu, ...ratios('cpuMicros')]);
  }
}

/** @param {string[]} cells */
function printRow(cells) {
  console.log(cells.map((cell, column) => (column === 0 ? cell.padEnd(26) : cell.padStart(12))).join(''));
}

export function printLegend() {
  console.log(
    `\nEach ratio: the median over the rounds of subject ÷ baseline (${BASELINE}), or ÷ ${USUAL}, in the same round.` +
      '\nSpeed: more is better. CPU, of the whole receiving process: less is better. Differences under 10 % are noise.',
  );
}

/** @param {Map<WorkloadName, Rounds>} measured */
export function printVerdict(measured) {
  console.log('\nOurs beside the best other package, above 1 where ours is better:');
  const standings = [...measured].map(([workload, rounds]) => ({
    workload,
    leads: deciding[workload].map((figure) => printLeads(workload, rounds, figure)),
  }));
  const verdicts = OURS.map((way) => {
    const short = standings.flatMap(({ workload, leads }) => {
      const least = Math.min(...leads.map((each) => Number(each.get(way))));
      return least < NOISE ? `${workload}: ${least > 1 / NOISE ? 'level' : 'behind'}` : [];
    });
    return `${way.replace('ours, ', '')} ${short.length === 0 ? 'yes' : `no (${short.join(', ')})`}`;
  });
  const scope = measured.size === 2 ? 'both' : `${[...measured.keys()]} (the other was not run)`;
  console.log(`Is ours first on ${scope}, by 10 % or more? ${verdicts.join('; ')}`);
}

/** @param {WorkloadName} workload @param {Rounds} rounds @param {Figure} figure */
function printLeads(workload, rounds, figure) {
  /** @param {string} subject @param {string} other */
  const lead = (subject, other) =>
    figure === 'perSecond' ? ratio(rounds, figure, subject, other) : ratio(rounds, figure, other, subject);
  const best = OTHERS.reduce((first, other) => (lead(other, first) > 1 ? other : first));
  const leads = new Map(OURS.map((way) => [way, lead(way, best)]));
  const shown = [...leads].map(([way, value]) => `${way.replace('ours, ', '')} ${times(value)}`).join(', ');
  console.log(`  ${workload}, ${figure === 'perSecond' ? 'speed' : 'CPU'}, beside ${best}: ${shown}`);
  return leads;
}

/** @param {Rounds} rounds @param {Figure} figure @param {string} subject @param {string} other */
function ratio(rounds, figure, subject, other) {
  return median(rounds.map((round) => of(round, subject)[figure] / of(round, other)[figure]));
}

/** @param {Map<string, Result>} round @param {string} subject */
function of(round, subject) {
  return /** @type {Result} */ (round.get(subject));
}

/** @param {number} value */
function times(value) {
  return `${value.toFixed(2)} x`;
}

/** @param {number[]} values */
function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
