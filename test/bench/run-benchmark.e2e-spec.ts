import { describe, expect, it } from '@jest/globals';
import type { Table } from '../../bench/suite/contract.mjs';
import { runBenchmark } from '../../bench/suite/run-benchmark.mjs';

const SUPPORT = '../test/bench/support';

describe('a benchmark in a process of its own', () => {
  it('gives each table as it comes, and all in the end, as they were', async () => {
    const seen: Table[] = [];
    const tables = await runBenchmark(`${SUPPORT}/two-tables`, { quick: true, only: ['Three'] }, (table) =>
      seen.push(table),
    );
    expect(tables.map(({ title }) => title)).toEqual(['One', 'Two', 'Three']);
    expect(seen).toEqual(tables);
    expect(tables[0]?.subjects['ours']?.rounds).toEqual([{ cost: Number.NaN }]);
  });

  it('fails when the benchmark does, after the tables that were ready', async () => {
    const seen: Table[] = [];
    const running = runBenchmark(`${SUPPORT}/two-tables`, { quick: true, only: ['fails'] }, (table) =>
      seen.push(table),
    );
    await expect(running).rejects.toThrow('has failed (code 1)');
    expect(seen).toHaveLength(2);
  });

  it('fails when there is no such benchmark', async () => {
    await expect(runBenchmark('none', { quick: true }, () => {})).rejects.toThrow('the benchmark none has failed');
  });
});
