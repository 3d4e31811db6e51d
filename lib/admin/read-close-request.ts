import { BadRequestException } from '@nestjs/common';
import type { SseStreamCloseOptions, SseStreamFilter } from '../access/index.js';
import { SseInvalidMessageError, SseOptionsError } from '../protocol/index.js';
import { isObject } from '../protocol/internal.js';

/**
 * Closes what the body of a request asks for.
 *
 * @throws BadRequestException (as a rejection) that says what is wrong with the body
 */
export async function readCloseRequest(
  body: unknown,
  close: (filter: SseStreamFilter | 'all', options: SseStreamCloseOptions) => Promise<number>,
): Promise<number> {
  if (!isObject(body)) {
    throw new BadRequestException('Post an object, such as {"keys":{"user":"7"}}');
  }
  const { all, reason, message, retryMs, ...filter } = body as Record<string, never>;
  const isAll = all === true && Object.keys(filter).length === 0;
  if (all !== undefined && !isAll) {
    throw new BadRequestException("'all' must be true, and alone: without id, route and keys");
  }
  const options = withoutAbsent({ reason, message, retryMs });
  try {
    return await close(isAll ? 'all' : filter, options);
  } catch (error) {
    if (error instanceof SseOptionsError || error instanceof SseInvalidMessageError) {
      throw new BadRequestException(error.message);
    }
    throw error;
  }
}

function withoutAbsent<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
