import { describe, expect, it } from '@jest/globals';
import { SseJsonError } from './json.error.js';
import { ReceivedMessage } from './received-message.js';
import type { StandardSchemaV1 } from './standard-schema.js';

function schema<T>(validate: StandardSchemaV1<unknown, T>['~standard']['validate']): StandardSchemaV1<unknown, T> {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

function failure(work: () => unknown): SseJsonError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(SseJsonError);
    return error as SseJsonError;
  }
  throw new Error('did not fail');
}

const message = new ReceivedMessage('order', '{"total":5}', '7', '7');

describe('json()', () => {
  it('parses the data', () => {
    expect(message.json<{ total: number }>().total).toBe(5);
  });

  it('gives what the schema makes of it', () => {
    expect(message.json(schema((value) => ({ value: (value as { total: number }).total * 2 })))).toBe(10);
  });

  it('takes a schema that is a function', () => {
    const callable = Object.assign(
      () => {},
      schema(() => ({ value: 1 })),
    );
    expect(message.json(callable)).toBe(1);
  });

  it('says when the data is no JSON, without repeating it', () => {
    const error = failure(() => new ReceivedMessage('order', 'secret', '').json());
    expect(error).toMatchObject({ code: 'SSE_JSON', reason: 'syntax', field: 'data', cause: expect.any(SyntaxError) });
    expect(error.message).toContain('"order"');
    expect(error.message).not.toContain('secret');
  });

  it('says what the schema objects to', () => {
    const issues = [{ message: 'too small' }, { message: 'too red', path: ['colour'] }];
    const error = failure(() => message.json(schema(() => ({ issues }))));
    expect(error).toMatchObject({ reason: 'schema', issues });
    expect(error.message).toContain('too small; too red');
  });

  it('refuses an asynchronous schema, whose failure is no unhandled rejection', async () => {
    const rejections: unknown[] = [];
    const collect = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', collect);
    try {
      expect(failure(() => message.json(schema(async () => Promise.reject(new Error('later'))))).reason).toBe(
        'async-schema',
      );
      await new Promise(setImmediate);
      expect(rejections).toEqual([]);
    } finally {
      process.off('unhandledRejection', collect);
    }
  });

  it.each([
    [
      'throws',
      schema(() => {
        throw new Error('schema');
      }),
    ],
    ['is none', {} as never],
    ['is null', null as never],
  ])('says when the schema %s', (_what, broken) => {
    expect(failure(() => message.json(broken))).toMatchObject({ reason: 'schema', cause: expect.any(Error) });
  });
});
