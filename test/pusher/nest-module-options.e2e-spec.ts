import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type DynamicModule, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { SseModule, SseOptionsError, SsePusherFactory, SseStream, SseStreamRegistry } from '../../lib/index.js';

/** What was thrown, as an options error. */
function problemsOf(call: () => unknown): Record<string, string> {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(SseOptionsError);
    return byOption(error as SseOptionsError);
  }
  throw new Error('The options were taken');
}

function byOption(error: SseOptionsError): Record<string, string> {
  return Object.fromEntries(error.problems.map(({ option, problem }) => [option, problem]));
}

describe('options that cannot be used', () => {
  it('are all named in one error', () => {
    const problems = problemsOf(() =>
      SseModule.forRoot({
        pingMs: -1,
        retryMs: 0.5,
        onEnd: 'never' as 'stop',
        headers: { 'X-Bad': 'a\nb' },
        closeMessage: { event: 'a\nb' },
        shutdown: { spreadMs: Number.NaN, unknown: 1 } as object,
        guardReplies: 'yes' as never,
        pingSeconds: 3,
      } as object),
    );

    expect(Object.keys(problems).sort()).toEqual([
      'closeMessage',
      'guardReplies',
      'headers',
      'onEnd',
      'pingMs',
      'pingSeconds',
      'retryMs',
      'shutdown.spreadMs',
      'shutdown.unknown',
    ]);
    expect(problems['pingMs']).toBe('must be a number of milliseconds from 0 to 2147483647, got -1');
    expect(problems['pingSeconds']).toMatch(/^is not an option; known are pingMs, /);
  });

  it('tells every one of them in its message', () => {
    expect(() => SseModule.forRoot({ pingMs: -1, nonsense: true } as object)).toThrow(
      /^Bad options: 'pingMs' must be .*; 'nonsense' is not an option/,
    );
  });

  it.each([
    [-1, 'got -1'],
    [Number.NaN, 'got NaN'],
    [Number.POSITIVE_INFINITY, 'got Infinity'],
    [2 ** 31, 'got 2147483648'],
  ])('refuses a ping interval of %d', (pingMs, got) => {
    expect(problemsOf(() => SseModule.forRoot(pingMs))['pingMs']).toContain(got);
    expect(problemsOf(() => SseModule.forRoot({ pingMs }))['pingMs']).toContain(got);
    expect(problemsOf(() => SseStream('x', { pingMs }))['pingMs']).toContain(got);
  });

  it.each([null, '30000', true, []])('refuses %j instead of options', (input) => {
    expect(problemsOf(() => SseModule.forRoot(input as never))['options']).toMatch(
      /^must be an object, or a number \(the ping interval in milliseconds\), got /,
    );
  });

  it('refuses a route option that only the module has', () => {
    expect(problemsOf(() => SseStream('x', { shutdown: {} } as object))['shutdown']).toContain('is not an option');
  });

  it.each<[string, () => unknown]>([
    ['an object', () => ({ pingMs: -1, nonsense: 1 })],
    ['a promise of an object', async () => ({ pingMs: Number.NaN, nonsense: 1 })],
  ])('stop the start of the application when a factory gives them as %s', async (_kind, useFactory) => {
    const starting = Test.createTestingModule({
      imports: [SseModule.forRootAsync({ useFactory: useFactory as () => object })],
    }).compile();

    const error = await starting.catch((thrown) => thrown);
    expect(error).toBeInstanceOf(SseOptionsError);
    expect(Object.keys(byOption(error))).toEqual(['pingMs', 'nonsense']);
  });

  it.each([null, '30000', Number.NaN])('stop the start when a factory gives %p', async (given) => {
    const starting = Test.createTestingModule({
      imports: [SseModule.forRootAsync({ useFactory: () => given as never })],
    }).compile();

    await expect(starting).rejects.toThrow(SseOptionsError);
  });
});

describe('a worker without an HTTP server', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each<[string, DynamicModule]>([
    ['forRoot', SseModule.forRoot(5000)],
    ['forRootAsync', SseModule.forRootAsync({ useFactory: () => ({ pingMs: 0 }) })],
  ])('has the services of %s, and closes', async (_form, module) => {
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const context = await NestFactory.createApplicationContext(module, { logger: false });

    expect(context.get(SsePusherFactory)).toBeInstanceOf(SsePusherFactory);
    expect(context.get(SseStreamRegistry).count).toBe(0);
    await context.close();
    expect(error).not.toHaveBeenCalled();
  });
});
