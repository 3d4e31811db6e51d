/**
 * What `@OnSseEvent()` costs for an event, beside `SseSubscription.process()`, which it stands on. The rounds are
 * interleaved, and what counts is the ratio to process() in the same round. Run it after `npm run build`.
 *
 * node bench/sources.mjs; EVENTS=200000 ROUNDS=7 are the defaults.
 */
import 'reflect-metadata';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { lastValueFrom } from 'rxjs';
import { OnSseEvent, SseModule, SseReceiverService, SseSources } from '../dist/index.js';

const EVENTS = Number(process.env['EVENTS'] ?? 200_000);
const ROUNDS = Number(process.env['ROUNDS'] ?? 7);
const WARM_UP = 2;

const server = fork(new URL('receiver-server.mjs', import.meta.url), {
  env: { ...process.env, EVENTS: String(EVENTS) },
});
const [{ port }] = await once(server, 'message');
const url = `http://127.0.0.1:${port}/bulk`;

let taken = 0;
let expected = 0;
let tellAll = () => {};
const plain = () => {
  if (++taken === expected) tellAll();
};
const asynchronous = async () => plain();

/** @param {string} event @param {(() => unknown)[]} methods */
const source =
  (event, ...methods) =>
  async () => {
    expected = event === 'tick' ? EVENTS * methods.length : 0;
    const all = new Promise((resolve) => {
      tellAll = () => resolve(undefined);
    });
    class Handlers {}
    for (const [index, method] of methods.entries()) {
      // A function of its own, which is what the decorator marks.
      const value = () => method();
      OnSseEvent('bench', event)(Handlers.prototype, `method${index}`, { value });
      Object.defineProperty(Handlers.prototype, `method${index}`, { value });
    }
    const sources = { bench: { url, retry: /** @type {const} */ (false) } };
    class AppModule {}
    Module({ imports: [SseModule.forRoot({ sources })], providers: [Handlers] })(AppModule);
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    const { state$ } = app.get(SseSources).get('bench');
    await lastValueFrom(state$);
    // What has arrived is handed over after that.
    if (expected > 0) await all;
    await app.close();
  };

/** @type {Record<string, () => Promise<void>>} */
const subjects = {
  'process()': () => {
    expected = EVENTS;
    return new SseReceiverService().subscribe(url, { retry: false }).process(asynchronous);
  },
  'no method for the event': source('other', plain),
  'a method': source('tick', plain),
  'an async method': source('tick', asynchronous),
  'three methods': source('tick', plain, plain, plain),
};
const names = Object.keys(subjects);
/** @type {Record<string, number[]>} events per second */
const rates = Object.fromEntries(names.map((name) => [name, []]));

for (let round = 0; round < WARM_UP + ROUNDS; round++) {
  for (let turn = 0; turn < names.length; turn++) {
    const name = names[(turn + round) % names.length] ?? '';
    taken = 0;
    const begun = performance.now();
    await subjects[name]?.();
    const rate = (EVENTS * 1_000) / (performance.now() - begun);
    if (taken !== expected) throw new Error(`${name}: ${taken} calls for ${EVENTS} events`);
    if (round >= WARM_UP) rates[name]?.push(rate);
  }
}
server.disconnect();

/** @param {number[]} values */
const median = (values) => Number(values.toSorted((a, b) => a - b)[values.length >> 1]);
console.log(`${EVENTS} events, median of ${ROUNDS} rounds`);
for (const name of names) {
  const own = rates[name] ?? [];
  const ratio = median(own.map((rate, round) => rate / Number(rates['process()']?.[round])));
  console.log(
    `${name.padEnd(26)} ${Math.round(median(own)).toLocaleString('en')} events/s  ${ratio.toFixed(2)} of process()`,
  );
}
