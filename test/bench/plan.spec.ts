import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { helpText, readCommandLine } from '../../bench/suite/command-line.mjs';
import { isWanted, plans, sizesOf } from '../../bench/suite/plan.mjs';

const WHOLE = { quick: false };
const QUICK = { quick: true };
const bench = (file: string) => new URL(`../../bench/${file}`, import.meta.url);

describe('the plan', () => {
  it.each(Object.keys(plans))('names a benchmark that there is: %s', (name) => {
    expect(existsSync(bench(`${name}.mjs`))).toBe(true);
  });

  it('takes less than 45 minutes', () => {
    expect(Object.values(plans).reduce((sum, { minutes }) => sum + minutes, 0)).toBeLessThan(45);
  });

  it('has sizes for the whole form and for the quick one', () => {
    expect(sizesOf('push', WHOLE, {})).toEqual(plans['push']?.whole);
    expect(sizesOf('push', QUICK, {})).toEqual(plans['push']?.quick);
  });

  it('gives way to the settings, and both to the environment', () => {
    expect(sizesOf('push', { ...WHOLE, rounds: 3 }, {})).toMatchObject({ rounds: 3 });
    expect(sizesOf('push', { ...WHOLE, rounds: 3 }, { ROUNDS: '2', WARM_UP: '0' })).toMatchObject({
      rounds: 2,
      warmUp: 0,
    });
  });

  it('refuses an environment that sets no number', () => {
    expect(() => sizesOf('push', WHOLE, { WARM_UP: 'some' })).toThrow('WARM_UP must be a number, got some');
  });
});

describe('the ratios of the quick form', () => {
  const kept: Record<string, number> = JSON.parse(readFileSync(bench('smoke.json'), 'utf8'));

  it.each(Object.keys(plans))('are kept for %s', (name) => {
    expect(Object.keys(kept).some((key) => key.startsWith(`${name}: `))).toBe(true);
  });

  it('are of benchmarks that there are', () => {
    expect(Object.keys(kept).filter((key) => !(String(key.split(': ')[0]) in plans))).toEqual([]);
  });
});

describe('the words after npm run bench --', () => {
  it('run everything and write it when there are none', () => {
    expect(readCommandLine([])).toEqual({
      names: Object.keys(plans),
      settings: { quick: false, only: [], write: true },
      smoke: false,
      write: true,
      help: false,
    });
  });

  it('run what they name, with or without hyphens, in the order of the plan, and write nothing', () => {
    const { names, write, settings } = readCommandLine(['fanout', 'Codec']);
    expect({ names, write, settings }).toEqual({
      names: ['codec', 'fan-out'],
      write: false,
      settings: { quick: false, only: [], write: false },
    });
  });

  it('write what they name when they say so', () => {
    expect(readCommandLine(['codec', '--write'])).toMatchObject({ write: true, settings: { write: true } });
  });

  it('choose tables by the words that name no benchmark', () => {
    expect(readCommandLine(['codec', 'crlf']).settings.only).toEqual(['crlf']);
    expect(isWanted({ ...WHOLE, only: ['crlf'] }, 'Decoding CRLF')).toBe(true);
    expect(isWanted({ ...WHOLE, only: ['crlf', 'json'] }, 'Decoding 180 B events')).toBe(false);
    expect(isWanted({ ...WHOLE, only: [] }, 'Decoding 180 B events')).toBe(true);
  });

  it('ask for the quick form, which writes no documents', () => {
    const all = { names: Object.keys(plans), smoke: true, settings: { quick: true, only: [], write: false } };
    expect(readCommandLine(['--smoke'])).toMatchObject({ ...all, write: false });
    expect(readCommandLine(['--smoke', '--write'])).toMatchObject({ ...all, write: true });
  });

  it('are refused when some tables of a benchmark would be written as if they were all', () => {
    expect(() => readCommandLine(['codec', 'crlf', '--write'])).toThrow('--write is about whole benchmarks, not crlf');
    expect(() => readCommandLine(['codec', 'crlf', '--smoke'])).toThrow('--smoke is about whole benchmarks');
  });

  it('are refused when they are no benchmark, or no option', () => {
    expect(() => readCommandLine(['codek'])).toThrow('there is no benchmark codek');
    expect(() => readCommandLine(['--quick'])).toThrow('there is no option --quick');
  });

  it('ask for help, which names all benchmarks and their minutes', () => {
    expect(readCommandLine(['--help']).help).toBe(true);
    for (const [name, { minutes }] of Object.entries(plans)) {
      expect(helpText()).toMatch(new RegExp(`^  ${name} +${minutes} min  `, 'm'));
    }
  });
});
