import { BadRequestException } from '@nestjs/common';
import type { SseStreamFilter, SseStreamListOptions } from '../access/index.js';

const KEY = 'key.';
const WHOLE_NUMBER = /^\d{1,15}$/;

/**
 * The query of a list as its options.
 *
 * @throws BadRequestException for a parameter that there is not, or that is no such thing: a filter that is left out for a slip
 * would show everything
 */
export function readFilterQuery(
  query: Readonly<Record<string, unknown>>,
  maxRows: number,
): SseStreamListOptions & { readonly limit: number } {
  const { limit, after, id, route, ...others } = query;
  const keys = Object.entries(others).map(([name, value]) => {
    if (!name.startsWith(KEY) || name === KEY) {
      throw new BadRequestException(`${name} is no parameter; known are id, route, after, limit and key.<name>`);
    }
    return [name.slice(KEY.length), readText(name, value)] as const;
  });
  const filter: SseStreamFilter = {
    ...(id !== undefined && { id: readId(id) }),
    ...(route !== undefined && { route: readText('route', route) }),
    ...(keys.length > 0 && { keys: Object.fromEntries(keys) }),
  };
  return { ...filter, after: after === undefined ? 0 : readNumber('after', after), limit: readLimit(limit, maxRows) };
}

/** @throws BadRequestException for what is no number from 1; more than `maxRows` counts as `maxRows` */
export function readLimit(limit: unknown, maxRows: number): number {
  if (limit === undefined) {
    return maxRows;
  }
  return Math.min(readNumber('limit', limit, 1), maxRows);
}

/** @throws BadRequestException for what is no id of a stream */
export function readId(id: unknown): number {
  return readNumber('id', id, 1);
}

function readNumber(name: string, value: unknown, min = 0): number {
  const text = readText(name, value);
  if (!WHOLE_NUMBER.test(text) || Number(text) < min) {
    throw new BadRequestException(`${name} must be a whole number from ${min}`);
  }
  return Number(text);
}

function readText(name: string, value: unknown): string {
  if (typeof value !== 'string') {
    throw new BadRequestException(`${name} must be given once`);
  }
  return value;
}
