import { describe, expect, it } from '@jest/globals';
import { cookieName, formatCookie, readCookie, surplusCookies } from './ticket-cookie.js';
import { newSecret } from './ticket-secrets.js';

describe('the cookie of a ticket', () => {
  it.each([
    ['a=1', '1'],
    ['b=2; a=1; c=3', '1'],
    ['b=2;a=1;c=3', '1'],
    [' a = 1 ', '1'],
    ['a=', ''],
    ['a=b=c', 'b=c'],
    ['a="1"', '"1"'],
    ['A=1', undefined],
    ['xa=1', undefined],
    ['a', undefined],
    ['b="; a=1"', '1"'],
    ['a=1; a=1', undefined],
    ['a=1; b=2; a=', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('is read from %j as %j', (header, value) => {
    expect(readCookie(header, 'a')).toBe(value);
  });

  it('has a name of its own for each ticket, which does not tell the ticket', () => {
    const [ticket, other] = [newSecret(), newSecret()];
    expect(cookieName(ticket, true)).toBe(`__Secure-${cookieName(ticket, false)}`);
    expect(cookieName(ticket, false)).toMatch(/^sse-[\w-]{16}$/);
    expect(cookieName(ticket, true)).not.toBe(cookieName(other, true));
    expect(ticket).not.toContain(cookieName(ticket, false).slice(4));
  });

  it('is for https unless told, and for no script', () => {
    const parts = { name: 'a', value: 'x', path: '/p', maxAgeMs: 1999 };
    expect(formatCookie({ ...parts, secure: true })).toBe('a=x; Path=/p; Max-Age=1; HttpOnly; SameSite=Strict; Secure');
    expect(formatCookie({ ...parts, secure: false })).toBe('a=x; Path=/p; Max-Age=1; HttpOnly; SameSite=Strict');
  });

  it('takes the place of the oldest where there are sixteen', () => {
    const names = Array.from({ length: 17 }, () => cookieName(newSecret(), true));
    const header = (count: number) =>
      ['mine=1', ...names.slice(0, count).map((name) => `${name}=x`), 'sse-a=1'].join('; ');
    expect(surplusCookies(undefined)).toEqual([]);
    expect(surplusCookies(header(15))).toEqual([]);
    expect(surplusCookies(header(16))).toEqual(names.slice(0, 1));
    expect(surplusCookies(header(17))).toEqual(names.slice(0, 2));
  });
});
