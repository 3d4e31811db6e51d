import { expect, it } from '@jest/globals';
import { SseBackplaneError } from '../channel/index.js';
import { SseInvalidMessageError } from '../protocol/index.js';
import { errorTypeOf } from './error-type.js';

it.each([
  [new SseBackplaneError('timeout', 'could not place a message', true), 'timeout'],
  [new SseInvalidMessageError('id', 'holds a secret'), 'SSE_INVALID_MESSAGE'],
  [new TypeError('a secret'), 'TypeError'],
  ['a secret', '_OTHER'],
])('errorTypeOf() has of %p what there are few of', (error, type) => {
  expect(errorTypeOf(error)).toBe(type);
});
