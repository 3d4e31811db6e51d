import { describe, expect, it } from '@jest/globals';
import { SseModule } from '../sse.module.js';
import { MemoryTicketStore } from './memory-ticket-store.js';
import { findTicketProblems, ticketSettings } from './ticket-settings.js';

describe('the options of tickets', () => {
  it('have defaults', () => {
    const { store, attach, ...rest } = ticketSettings();
    expect(store).toBeInstanceOf(MemoryTicketStore);
    expect(attach({}, {} as never)).toBeUndefined();
    expect(rest).toEqual({ ttlMs: 30_000, sessionMs: 28_800_000, parameter: 'ticket', secure: true, basePath: '' });
  });

  it.each<[string, unknown]>([
    ['store', {}],
    ['store', { put() {}, get() {} }],
    ['store', null],
    ['ttlMs', 999],
    ['ttlMs', '30'],
    ['sessionMs', 2 ** 31],
    ['parameter', ''],
    ['parameter', 'a&b'],
    ['secure', 'auto'],
    ['basePath', '/'],
    ['attach', {}],
    ['cookie', 'x'],
  ])('are checked at start-up: %s %#', (option, value) => {
    const problems = [expect.objectContaining({ option: `tickets.${option}` })];
    expect(findTicketProblems({ [option]: value })).toEqual(problems);
    expect(() => SseModule.forRoot({ tickets: { [option]: value } })).toThrow(expect.objectContaining({ problems }));
  });

  it('must be an object', () => {
    expect(findTicketProblems(true)).toEqual([{ option: 'tickets', problem: 'must be an object, got true' }]);
  });
});
