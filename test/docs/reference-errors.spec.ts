import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as sse from 'nestjs-event-stream';
import * as openapi from 'nestjs-event-stream/openapi';
import * as protocol from 'nestjs-event-stream/protocol';
import * as redis from 'nestjs-event-stream/redis';
import * as terminus from 'nestjs-event-stream/terminus';
import * as testing from 'nestjs-event-stream/testing';
import { canPublishAgain } from './examples/can-publish-again.js';
import { ROOT, readPage } from './support/pages.js';
import { codeIn, rowsOf } from './support/tables.js';

const PAGE = 'docs/reference/errors.md';
const SECTIONS = ['When the application starts', 'Streams', 'Channels', 'Receiving', 'Without Nest, and in tests'];
const ROWS = SECTIONS.flatMap((section) => rowsOf(PAGE, section));
const ERROR_ROWS = ROWS.filter(([code]) => codeIn(code!)[0]?.startsWith('SSE_'));

/** Every member, or the compiler complains. */
const PROBLEMS_OF_CHANNELS: Record<sse.SseChannelProblem, true> = {
  name: true,
  closed: true,
  filter: true,
  conflateBy: true,
  snapshot: true,
  stopped: true,
};
const REASONS_OF_BACKPLANES: Record<sse.SseBackplaneErrorReason, true> = {
  unreachable: true,
  timeout: true,
  refused: true,
  overflow: true,
  stopped: true,
};
const REASONS_OF_RECEIVING: Record<
  | sse.SseCursorErrorReason
  | sse.SseLeaseLostReason
  | sse.SseDecompressErrorReason
  | sse.SseDecodeErrorReason
  | sse.SseJsonErrorReason,
  true
> = {
  fenced: true,
  unreadable: true,
  unavailable: true,
  expired: true,
  taken: true,
  'too-compressed': true,
  corrupt: true,
  'too-large': true,
  'cut-off': true,
  'not-bytes': true,
  ended: true,
  reentrant: true,
  syntax: true,
  schema: true,
  'async-schema': true,
};

/** Every class of `lib` that has a code, as `SSE_X Class`. */
function classesOf(): string[] {
  const lib = new URL('lib/', ROOT);
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) => {
    const source = readFileSync(new URL(file, lib), 'utf8');
    const classes = source.matchAll(/^export class (\w+) .*?^ {2}readonly code = '(SSE_\w+)'/gms);
    return [...classes].map(([, name, code]) => `${code} ${name}`);
  });
}

function exportedBy(room: object): string[] {
  return Object.keys(room).filter((name) => /^Sse\w+(Error|Exception)$/.test(name) && name !== 'SseError');
}

describe('reference of the errors', () => {
  it('has a row for each class with its code, and no other', () => {
    const named = ERROR_ROWS.map(([code, name]) => `${codeIn(code!)[0]} ${codeIn(name!)[0]}`);
    expect(named.sort()).toEqual(classesOf().sort());
  });

  it('says of each error when it comes, what to do, and which path exports it', () => {
    for (const [, name, when, whatToDo] of ERROR_ROWS) {
      expect([name, when, whatToDo]).toEqual([name, expect.stringMatching(/\w/), expect.stringMatching(/\w/)]);
    }
    const of = (path?: string) =>
      ERROR_ROWS.filter(([, name]) => codeIn(name!)[1] === path).map(([, name]) => codeIn(name!)[0]);
    const root = exportedBy(sse);
    expect(of().sort()).toEqual(root.sort());
    for (const [room, exported] of Object.entries({ openapi, protocol, redis, terminus, testing })) {
      const only = exportedBy(exported).filter((name) => !root.includes(name));
      expect(of(`nestjs-event-stream/${room}`).sort()).toEqual(only.sort());
    }
  });

  it.each([
    ['problem of a channel', 'Channels', PROBLEMS_OF_CHANNELS],
    ['reason of a backplane', 'Channels', REASONS_OF_BACKPLANES],
    ['reason in receiving', 'Receiving', REASONS_OF_RECEIVING],
  ])('has every %s', (_what, section, names) => {
    const named = rowsOf(PAGE, section).flatMap(([cell]) => codeIn(cell!));
    expect(named).toEqual(expect.arrayContaining(Object.keys(names)));
  });

  it('has every problem of a test', () => {
    const problems: Record<testing.SseTestProblem, true> = {
      timeout: true,
      ended: true,
      cut: true,
      left: true,
      refused: true,
      held: true,
    };
    const [line] = /^`problem` of an `SseTestError`.*$/m.exec(readPage(PAGE)) ?? [];
    expect(codeIn(line!)).toEqual(expect.arrayContaining(Object.keys(problems)));
  });
});

describe('example of the errors', () => {
  it('knows after which a message can be published again', () => {
    expect(canPublishAgain(new sse.SseBackplaneError('unreachable', 'x', false))).toBe(true);
    expect(canPublishAgain(new sse.SseBackplaneError('timeout', 'x', true))).toBe(false);
    expect(canPublishAgain(new sse.SseBackplaneError('stopped', 'x', false))).toBe(false);
    expect(canPublishAgain(new sse.SseChannelError('closed', 'x', 'y'))).toBe(false);
    expect(canPublishAgain(new Error('x'))).toBe(false);
  });
});
