import { fork } from 'node:child_process';
import { once } from 'node:events';

const PROGRAM = new URL('./benchmark-process.mjs', import.meta.url);
/** What should take eight seconds hangs when it has taken so long. */
const QUICK_DEADLINE_MS = 60_000;

/**
 * @param {string} name
 * @param {import('./contract.mjs').Settings} settings
 * @param {(table: import('./contract.mjs').Table) => void} onTable as soon as it is there
 * @returns all its tables
 * @throws if it did not run to its end, or measured nothing
 */
export async function runBenchmark(name, settings, onTable) {
  const child = fork(PROGRAM, [name, JSON.stringify(settings)], {
    execArgv: [...process.execArgv, '--disable-warning=UNDICI-ES'],
    serialization: 'advanced',
    ...(settings.quick && { timeout: QUICK_DEADLINE_MS }),
  });
  /** @type {import('./contract.mjs').Table[]} */
  const tables = [];
  child.on('message', (message) => {
    const table = /** @type {import('./contract.mjs').Table} */ (message);
    tables.push(table);
    onTable(table);
  });
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`the benchmark ${name} has failed (${signal ?? `code ${code}`})`);
  if (tables.length === 0) throw new Error(`the benchmark ${name} has no table of that title`);
  return tables;
}
