import { describe, expect, it } from '@jest/globals';
import { mergeStreamOptions, STREAM_DEFAULTS, withDefaults } from './stream-settings.js';

describe('mergeStreamOptions', () => {
  it('gives the documented defaults when nothing is given', () => {
    expect(mergeStreamOptions(STREAM_DEFAULTS)).toEqual({
      pingMs: 15_000,
      pingFrame: ': ping\n\n',
      retryMs: 2000,
      headers: {},
      onEnd: 'reconnect',
      maxBufferedBytes: 1_048_576,
      writeTimeoutMs: 30_000,
      maxAgeMs: 0,
      maxLastEventIdBytes: 1024,
      requireAccept: false,
      directWrites: process.env['NEST_EVENT_STREAM_DIRECT_WRITES'] !== 'off',
    });
  });

  it('lays a route over the module over the defaults, header by header', () => {
    const module = mergeStreamOptions(STREAM_DEFAULTS, { pingMs: 1, retryMs: 5, headers: { a: '1', b: '1' } });
    const route = mergeStreamOptions(module, { pingMs: 0, retryMs: false, headers: { b: '2' } });
    expect(route).toMatchObject({ pingMs: 0, retryMs: false, headers: { a: '1', b: '2' }, onEnd: 'reconnect' });
    expect(module.headers).toEqual({ a: '1', b: '1' });
  });

  it('takes undefined for not given', () => {
    const settings = mergeStreamOptions(STREAM_DEFAULTS, { pingMs: undefined, ping: undefined, headers: undefined });
    expect(settings).toEqual(STREAM_DEFAULTS);
  });

  it('formats the ping once, whatever message it is', () => {
    const silent = mergeStreamOptions(STREAM_DEFAULTS, { ping: { event: 'ping', data: { at: 0 } } });
    expect(silent.pingFrame).toBe('event: ping\ndata: {"at":0}\n\n');
    expect(mergeStreamOptions(silent, { pingMs: 1 }).pingFrame).toBe(silent.pingFrame);
  });

  it('leaves the defaults as they are', () => {
    expect(Object.isFrozen(STREAM_DEFAULTS)).toBe(true);
    expect(Object.isFrozen(STREAM_DEFAULTS.headers)).toBe(true);
  });
});

describe('withDefaults', () => {
  it('keeps falsy values that were given', () => {
    expect(withDefaults({ a: 1, b: 2, c: 3 }, { a: 0, b: undefined })).toEqual({ a: 0, b: 2, c: 3 });
    expect(withDefaults({ a: 1 })).toEqual({ a: 1 });
  });
});
