import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { isSseError, SseModule, type SseModuleOptions, SseOptionsError, SseStreamRegistry } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { type ChannelApp, dataOf, startChannelApp } from './support/channel-app.js';

const circular: Record<string, unknown> = {};
circular.self = circular;

describe.each(PLATFORMS)('what is refused on %s', (platform) => {
  let app: ChannelApp;

  beforeAll(async () => {
    app = await startChannelApp(platform);
  });

  afterAll(() => app.close());

  it.each([
    ['empty', ''],
    ['no string', 7],
    ['undefined', undefined],
    ['null', null],
    ['a list', ['a']],
    ['longer than 512 bytes', 'ü'.repeat(257)],
    ['with a lone surrogate', 'a\ud800'],
  ])('a name that is %s', async (_what, name) => {
    const refused = { code: 'SSE_CHANNEL', problem: 'name', channel: undefined };
    const bad = name as string;
    await expect(app.channels.publish(bad, 'x')).rejects.toMatchObject(refused);
    await expect(app.channels.close(bad)).rejects.toMatchObject(refused);
    expect(() => app.channels.channel(bad)).toThrow(expect.objectContaining(refused));
    expect(() => app.channels.subscribe([bad])).toThrow(expect.objectContaining(refused));
    expect(app.channels.has(bad)).toBe(false);
  });

  it('no name of 512 bytes', async () => {
    await app.channels.publish('ü'.repeat(256), 'x');
    expect(app.channels.has('ü'.repeat(256))).toBe(true);
  });

  it.each([
    ['an id', { id: '1', data: 'x' }, 'id'],
    ['an empty id', { id: '', data: 'x' }, 'id'],
    ['a line break in the event', { event: 'a\nid: 1', data: 'x' }, 'event'],
    ['CR in the event', { event: 'a\r', data: 'x' }, 'event'],
    ['a negative retry', { retry: -1 }, 'retry'],
    ['BigInt', { data: 1n }, 'data'],
    ['a circle', { data: circular }, 'data'],
    ['undefined data', { data: undefined }, 'data'],
    ['a lone surrogate', '\ud800', 'data'],
    ['nothing', {}, 'message'],
    ['null', null, 'message'],
    ['a number', 5, 'message'],
  ])('a message with %s, which reaches nobody and takes no position', async (_what, message, field) => {
    const stream = await app.open('refused');
    const before = await app.channels.publish('refused', 'before');
    await expect(app.channels.publish('refused', message as never)).rejects.toMatchObject({
      code: 'SSE_INVALID_MESSAGE',
      field,
    });
    await expect(app.channels.broadcast(message as never)).rejects.toMatchObject({ field });
    await expect(app.channels.close('refused', { final: message as never })).rejects.toMatchObject({ field });
    const after = await app.channels.publish('refused', 'after');
    await stream.untilText('data: after');
    expect(dataOf(stream)).toEqual(['before', 'after']);
    expect(Number(after.split('-')[1])).toBe(Number(before.split('-')[1]) + 1);
    stream.leave();
  });

  it('no message whose fields change between two looks: there is one look', async () => {
    let looks = 0;
    const changing = {
      data: 'x',
      get id() {
        return looks++ === 0 ? undefined : 'own';
      },
    };
    const stream = await app.open('changing');
    await app.channels.publish('changing', changing as never);
    await stream.untilText('data: x');
    expect([looks, stream.text.includes('own')]).toEqual([1, false]);
    stream.leave();
  });

  it('a message that is larger than a stream may hold', async () => {
    const largest = 'x'.repeat(1024 * 1024 - 'data: \n\n'.length);
    await app.channels.publish('large', largest);
    await expect(app.channels.publish('large', `${largest}x`)).rejects.toMatchObject({ code: 'SSE_OVERFLOW' });
  });

  it('a key that is no text, and options that are none', async () => {
    await expect(app.channels.publish('a', 'x', { key: 7 as never })).rejects.toMatchObject({ code: 'SSE_OPTIONS' });
    await expect(app.channels.close('a', { tombstoneMs: -1 })).rejects.toMatchObject({ code: 'SSE_OPTIONS' });
    const bad = {
      replay: -1,
      filter: [1],
      conflateBy: 'key',
      snapshot: {},
      broadcast: 1,
      lastEventId: 5,
      gapEvent: '',
      positionEvent: 'a\n',
      unknown: 1,
    };
    const subscribe = () => app.channels.subscribe('a', bad as never);
    expect(subscribe).toThrow(SseOptionsError);
    for (const option of Object.keys(bad)) {
      expect(subscribe).toThrow(`'${option}'`);
    }
    expect(() => app.channels.subscribe('a', { replay: 1, snapshot: () => undefined })).toThrow("'replay'");
    expect(() => app.channels.subscribe('a', null as never)).toThrow(SseOptionsError);
    app.channels.subscribe('a', { replay: 'all', filter: ['a'], broadcast: false, gapEvent: 'lost' });
  });

  it('with an error that nobody awaits: it is logged, and ends no process', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    void app.channels.publish('a', { id: '1' } as never);
    void app.channels.channel('a').publish(7 as never);
    await eventually(() => logged.mock.calls.length >= 2);
    expect(logged).toHaveBeenCalledTimes(2);
    expect(logged.mock.calls[0]?.[0]).toContain('nobody awaited it: Cannot send this message: its id');
    logged.mockRestore();
  });

  it('a serializer of its own for a stream of channels', async () => {
    const other = await startChannelApp(platform, { route: { serialize: String } });
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    expect((await other.open('a')).status).toBe(500);
    logged.mockRestore();
    await other.close();
    const same = await startChannelApp(platform, { sse: { serialize: (data) => `<${data}>` } });
    const stream = await same.open('a');
    await same.channels.publish('a', { data: 5 });
    await stream.untilText('data: <5>\n\n');
    await same.close();
  });

  it('a subscription that was used already, and a second one for the same stream', async () => {
    const subscription = app.channels.subscribe('a');
    const [first, second] = [subscription[Symbol.asyncIterator](), subscription[Symbol.asyncIterator]()];
    await expect(second.next()).rejects.toMatchObject({ code: 'SSE_SOURCE' });
    await first.return?.();
    expect(app.app.get(SseStreamRegistry)).toBeDefined();
  });
});

describe('options of the module', () => {
  it.each([
    [{ history: { events: -1 } }, 'history.events'],
    [{ history: { bytes: 1.5 } }, 'history.bytes'],
    [{ history: { ageMs: Number.NaN } }, 'history.ageMs'],
    [{ history: { totalBytes: '1' } }, 'history.totalBytes'],
    [{ history: { perChannel: {} } }, 'history.perChannel'],
    [{ history: { unknown: 1 } }, 'history.unknown'],
    [{ history: true }, 'history'],
    [{ channels: { gapEvent: 7 } }, 'channels.gapEvent'],
    [{ channels: { tombstoneMs: -1 } }, 'channels.tombstoneMs'],
    [{ channels: [] }, 'channels'],
    [{ backplane: {} }, 'backplane'],
    [{ backplane: 'redis' }, 'backplane'],
  ])('%j are refused at start-up', (options, option) => {
    expect(() => SseModule.forRoot(options as unknown as SseModuleOptions)).toThrow(`'${option}'`);
  });

  it('are refused all at once', () => {
    const options = { pingMs: -1, history: { events: -1, bytes: -1 }, channels: { tombstoneMs: -1 }, backplane: 1 };
    try {
      SseModule.forRoot(options as never);
      throw new Error('was accepted');
    } catch (error) {
      expect(isSseError(error) && (error as SseOptionsError).problems.map(({ option }) => option)).toEqual([
        'pingMs',
        'backplane',
        'history.events',
        'history.bytes',
        'channels.tombstoneMs',
      ]);
    }
  });

  it('perChannel that gives nonsense, or throws, refuses the publisher and the subscriber, and nobody else', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const app = await startChannelApp('express', {
      sse: {
        history: {
          perChannel: (name) => {
            if (name === 'throws') throw new Error('out of order');
            return name === 'bad' ? ({ events: 'many' } as never) : undefined;
          },
        },
      },
    });
    await expect(app.channels.publish('bad', 'x')).rejects.toThrow(`history.perChannel("bad").events`);
    await expect(app.channels.publish('throws', 'x')).rejects.toThrow('out of order');
    expect((await app.open('bad,good')).status).toBe(500);
    expect((await app.open('throws')).status).toBe(500);
    const good = await app.open('good');
    await app.channels.publish('good', 'x');
    await good.untilText('data: x');
    expect(app.channels.localStats()).toMatchObject([{ channel: 'good', subscribers: 1 }]);
    logged.mockRestore();
    await app.close();
  });
});
