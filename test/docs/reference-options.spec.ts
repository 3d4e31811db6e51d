import { describe, expect, it } from '@jest/globals';
import {
  BackoffRetryPolicy,
  OnSseEvent,
  SseAdminModule,
  SseModule,
  SseOptionsError,
  type SseReceiverOptions,
  SseReceiverService,
  type SseSourceOptions,
} from 'nestjs-event-stream';
import { type ReadMessagesOptions, SseDecoder, type SseDecoderOptions } from 'nestjs-event-stream/protocol';
import { redisBackplane, redisCursorStore, redisLeases, redisTicketStore } from 'nestjs-event-stream/redis';
import { HistoryPolicy } from '../../lib/channel/index.js';
import { findSubscribeProblems } from '../../lib/channel/subscribe-options.js';
import { SHUTDOWN_DEFAULTS, STREAM_DEFAULTS, STREAM_OPTION_RULES } from '../../lib/pusher/index.js';
import { checkReceiverOptions } from '../../lib/receiver/check-receiver-options.js';
import { checkBackplaneOptions } from '../../lib/redis/redis-backplane-options.js';
import { codeIn, rowsOf, valueIn } from './support/tables.js';

const SERVER = 'docs/reference/options.md';
const ACCESS = 'docs/reference/access-options.md';
const RECEIVER = 'docs/reference/receiver-options.md';

/** An option that nobody has. */
const UNKNOWN: any = { nobodyHasThis: true };

/** The options that somebody takes, as they are named to whoever gives another one. */
function optionsOf(give: () => unknown): string[] {
  const problems = problemsOf(give);
  const [, known = ''] = /known are (.*)/.exec(problems.map(({ problem }) => problem).join('\n')) ?? [];
  return known.split(', ');
}

function problemsOf(give: () => unknown): SseOptionsError['problems'] {
  try {
    return give() as SseOptionsError['problems'];
  } catch (error) {
    if (error instanceof SseOptionsError) return error.problems;
    throw error;
  }
}

const streamOptions = Object.keys(STREAM_OPTION_RULES);
const moduleOptions = optionsOf(() => SseModule.forRoot(UNKNOWN)).filter((name) => !streamOptions.includes(name));
const decoderOptions = optionsOf(() => new SseDecoder({ onMessage() {}, ...UNKNOWN }));

/** Every key, or the compiler complains: these have no rules in one place. */
const SOURCE_OPTIONS: Record<Exclude<keyof SseSourceOptions, keyof SseReceiverOptions>, true> = {
  url: true,
  enabled: true,
  lease: true,
  stopTimeoutMs: true,
  slowAfterMs: true,
};
const READING_OPTIONS: Record<Exclude<keyof ReadMessagesOptions, keyof SseDecoderOptions>, true> = { cutOff: true };

const TABLES: [section: string, page: string, options: string[]][] = [
  ['Module', SERVER, moduleOptions],
  ['Stream', SERVER, streamOptions],
  ['Shutdown', SERVER, optionsOf(() => SseModule.forRoot({ shutdown: UNKNOWN }))],
  ['History', SERVER, optionsOf(() => SseModule.forRoot({ history: UNKNOWN }))],
  ['Channels', SERVER, optionsOf(() => SseModule.forRoot({ channels: UNKNOWN }))],
  ['Subscription', SERVER, optionsOf(() => findSubscribeProblems(UNKNOWN))],
  ['Redis backplane', SERVER, optionsOf(() => redisBackplane(UNKNOWN))],
  ['Limits', ACCESS, optionsOf(() => SseModule.forRoot({ limits: UNKNOWN }))],
  ['Limit of a key', ACCESS, optionsOf(() => SseModule.forRoot({ limits: { per: { user: UNKNOWN } } }))],
  ['Shedding', ACCESS, optionsOf(() => SseModule.forRoot({ limits: { shed: UNKNOWN } }))],
  ['Reauthorisation', ACCESS, optionsOf(() => SseModule.forRoot({ reauthorize: UNKNOWN }))],
  ['Tickets', ACCESS, optionsOf(() => SseModule.forRoot({ tickets: UNKNOWN }))],
  ['Routes for operators', ACCESS, optionsOf(() => SseAdminModule.forRoot(UNKNOWN))],
  ['Redis ticket store', ACCESS, optionsOf(() => redisTicketStore(UNKNOWN))],
  ['Receiver', RECEIVER, optionsOf(() => checkReceiverOptions('http://127.0.0.1/', UNKNOWN))],
  ['Retry', RECEIVER, optionsOf(() => new BackoffRetryPolicy(UNKNOWN))],
  [
    'concatMap',
    RECEIVER,
    optionsOf(() => new SseReceiverService().subscribe('http://127.0.0.1/').concatMap(() => [], UNKNOWN)),
  ],
  ['Source', RECEIVER, Object.keys(SOURCE_OPTIONS)],
  ['Handler', RECEIVER, optionsOf(() => OnSseEvent('billing', UNKNOWN))],
  ['Redis cursor store', RECEIVER, optionsOf(() => redisCursorStore(UNKNOWN))],
  ['Redis leases', RECEIVER, optionsOf(() => redisLeases(UNKNOWN))],
  ['Decoder', RECEIVER, [...decoderOptions, ...Object.keys(READING_OPTIONS)]],
];

describe('reference of the options', () => {
  it.each(TABLES)('of %s has a row for each, and no other', (section, page, options) => {
    const named = rowsOf(page, section).flatMap(([names]) => codeIn(names!));
    expect(named.sort()).toEqual([...options].sort());
  });

  it.each(TABLES)('of %s says the units', (section, page) => {
    for (const [names, type] of rowsOf(page, section)) {
      for (const name of codeIn(names!)) {
        if (/Ms$/.test(name)) expect([name, type]).toEqual([name, expect.stringMatching(/^ms\b/)]);
        if (/(^b|B)ytes$/.test(name)) expect([name, type]).toEqual([name, expect.stringMatching(/^bytes\b/)]);
      }
    }
  });

  it.each([
    ['Stream', SERVER, { ...STREAM_DEFAULTS, directWrites: true }],
    ['Shutdown', SERVER, SHUTDOWN_DEFAULTS],
    ['History', SERVER, { ...new HistoryPolicy().limitsOf('any'), totalBytes: new HistoryPolicy().totalBytes }],
    ['Redis backplane', SERVER, checkBackplaneOptions({ url: 'redis://127.0.0.1' })],
    ['Receiver', RECEIVER, checkReceiverOptions('http://127.0.0.1/', {})],
  ])('of %s says the defaults', (section, page, defaults) => {
    const known: Readonly<Record<string, unknown>> = { ...defaults };
    const literal = rowsOf(page, section).filter(([name]) => isLiteral(known[codeIn(name!)[0]!]));
    expect(literal.length).toBeGreaterThan(2);
    for (const [name, , value] of literal) {
      const [option] = codeIn(name!);
      expect([option, valueIn(value!)]).toEqual([option, known[option!]]);
    }
  });
});

/** What a table can show as it is; the empty text is nothing. */
function isLiteral(value: unknown): boolean {
  return ['number', 'boolean'].includes(typeof value) || (typeof value === 'string' && value !== '');
}
