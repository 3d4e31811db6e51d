/** The benchmarks: `npm run build && npm run bench`, `npm run bench -- --help` says more. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { helpText, readCommandLine } from './suite/command-line.mjs';
import { measuredOn } from './suite/machine.mjs';
import { plans } from './suite/plan.mjs';
import { withResults } from './suite/results.mjs';
import { runBenchmark } from './suite/run-benchmark.mjs';
import { collapsedRatios, ratiosToKeep } from './suite/smoke.mjs';
import { terminalText } from './suite/terminal.mjs';

const RESULTS = new URL('./RESULTS.md', import.meta.url);
const SMOKE = new URL('./smoke.json', import.meta.url);
/** The ratios of one quick run are rough ones. */
const RUNS_TO_KEEP = 3;
const BUILT = new URL('../dist/index.js', import.meta.url);

const { names, settings, smoke, write, help } = commandLine();
/** @type {string[]} */
const failures = [];

if (help) {
  console.log(helpText());
} else {
  if (!existsSync(BUILT)) throw new Error('the package is not built: npm run build');
  const begun = performance.now();
  for (const name of names.filter(canRun)) await run(name).catch((error) => failures.push(error.message));
  console.log(`\nThat took ${secondsSince(begun).toFixed(0)} s.`);
  for (const failure of failures) console.error(`FAILED: ${failure}`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

function commandLine() {
  try {
    return readCommandLine(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

/** @param {string} name */
async function run(name) {
  console.log(`\n=== ${name}: ${plans[name]?.about}`);
  const begun = performance.now();
  const tables = await runBenchmark(name, settings, (table) => console.log(terminalText(table, settings)));
  const seconds = secondsSince(begun);
  if (smoke && write) await renew(name, tables);
  else if (smoke) failures.push(...(await collapsed(name, tables)));
  else if (write) {
    const measured = measuredOn(new Date(), seconds);
    writeFileSync(
      RESULTS,
      withResults(readOr(RESULTS, ''), [{ benchmark: name, measured, tables }], Object.keys(plans)),
    );
  }
}

/** A moment in which the machine was busy does not come twice. @param {string} name @param {import('./suite/contract.mjs').Table[]} tables */
async function collapsed(name, tables) {
  const kept = JSON.parse(readOr(SMOKE, '{}'));
  const first = collapsedRatios(kept, name, tables);
  if (first.size === 0) return [];
  console.log(`\n${name} once more, for ${[...first.keys()].join(', ')}`);
  const again = collapsedRatios(kept, name, await runBenchmark(name, settings, () => {}));
  return [...again].filter(([key]) => first.has(key)).map(([key, problem]) => `${key} ${problem}`);
}

/** @param {string} name @param {import('./suite/contract.mjs').Table[]} tables */
async function renew(name, tables) {
  const runs = [tables];
  while (runs.length < RUNS_TO_KEEP) runs.push(await runBenchmark(name, settings, () => {}));
  const others = Object.entries(JSON.parse(readOr(SMOKE, '{}'))).filter(([key]) => !key.startsWith(`${name}: `));
  const kept = [...others, ...Object.entries(ratiosToKeep(name, runs))].sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(SMOKE, `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`);
}

/** @param {string} name */
function canRun(name) {
  if (!plans[name]?.needsRedis || spawnSync('redis-server', ['--version']).status === 0) return true;
  console.warn(`\n=== ${name} is LEFT OUT: it needs a redis-server on the PATH, of Redis 7 or later`);
  if (process.env.CI === 'true') failures.push(`${name} was left out`);
  return false;
}

/** @param {URL} file @param {string} otherwise */
function readOr(file, otherwise) {
  return existsSync(file) ? readFileSync(file, 'utf8') : otherwise;
}

/** @param {number} begun */
function secondsSince(begun) {
  return (performance.now() - begun) / 1000;
}
