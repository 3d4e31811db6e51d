import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { HistoryFile } from '../../sample/src/machine/history-file.js';
import type { SampleHistory } from '../../sample/src/machine/sample-history.js';
import { sampleOf } from './support/samples.js';

describe('HistoryFile', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sse-history-'));
    path = join(directory, 'samples.jsonl');
  });

  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(directory, { recursive: true });
  });

  function record(file: HistoryFile, history: SampleHistory, from: number, to: number): void {
    for (let id = from; id <= to; id++) {
      file.add(sampleOf(id), history);
      history.append(sampleOf(id));
    }
  }

  /** What a process writes that begins now and takes samples 101 to `to`. */
  function firstLife(to: number): void {
    const file = new HistoryFile(path, 10);
    record(file, file.load(100), 101, to);
    file.close();
  }

  const kept = (history: SampleHistory) => history.after(history.floor).map(({ id }) => id);

  it('begins a new history where there is none', () => {
    const history = new HistoryFile(path, 10).load(500);
    expect([history.floor, history.newestId]).toEqual([500, 500]);
  });

  it('has every sample in the file before it is kept', () => {
    const file = new HistoryFile(path, 10);
    const history = file.load(100);
    file.add(sampleOf(101), history);
    expect(new HistoryFile(path, 10).load(900).newestId).toBe(101);
    file.close();
  });

  it('goes on where the last process was killed, floor included', () => {
    firstLife(135);
    const history = new HistoryFile(path, 10).load(900);
    expect(history.floor).toBe(125);
    expect(kept(history)).toEqual([126, 127, 128, 129, 130, 131, 132, 133, 134, 135]);
  });

  it('does not grow for ever', () => {
    firstLife(500);
    expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(25);
  });

  it.each([
    ['half a line', '{"id":104,"previ'],
    ['a sample without its figures', '{"id":104}'],
    ['null', 'null'],
    ['an older sample', JSON.stringify(sampleOf(102))],
  ])('stops reading at %s, and goes on writing after what it could read', (_, junk) => {
    firstLife(103);
    writeFileSync(path, `${junk}\n${JSON.stringify(sampleOf(105))}\n`, { flag: 'a' });
    const file = new HistoryFile(path, 10);
    const history = file.load(900);
    expect(kept(history)).toEqual([101, 102, 103]);
    record(file, history, 901, 902);
    file.close();
    expect(kept(new HistoryFile(path, 10).load(999))).toEqual([101, 102, 103, 901, 902]);
  });

  it.each(['', 'junk', 'null', '{"floor":"x"}', '{}'])('begins anew where the first line is %p', (line) => {
    writeFileSync(path, `${line}\n${JSON.stringify(sampleOf(101))}\n`);
    const history = new HistoryFile(path, 10).load(500);
    expect([history.floor, kept(history)]).toEqual([500, []]);
  });

  it('is for its owner alone, and follows no link that somebody has laid', () => {
    const precious = join(directory, 'precious');
    writeFileSync(precious, 'precious');
    symlinkSync(precious, path);
    symlinkSync(precious, `${path}.new`);
    firstLife(103);
    expect(readFileSync(precious, 'utf8')).toBe('precious');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).sort()).toEqual(['precious', 'samples.jsonl']);
  });

  it('says once that it cannot write, and does no harm', () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    const file = new HistoryFile(join(directory, 'nowhere', 'samples.jsonl'), 10);
    record(file, file.load(100), 101, 105);
    file.close();
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('ENOENT'));
  });
});
