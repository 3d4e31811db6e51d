import { describe, expect, it } from '@jest/globals';
import { ReceivedMessage } from 'nestjs-event-stream';
import { receivedMessage } from 'nestjs-event-stream/testing';

describe('receivedMessage()', () => {
  it('has a default for everything', () => {
    const message = receivedMessage();
    expect(message).toBeInstanceOf(ReceivedMessage);
    expect(message).toEqual(new ReceivedMessage('message', '', ''));
  });

  it('is what a receiver makes of such a message', () => {
    expect(receivedMessage({ event: 'paid', data: { n: 1 }, id: '7', lastEventId: '6' })).toEqual(
      new ReceivedMessage('paid', '{"n":1}', '7', '7'),
    );
    expect(receivedMessage({ data: 'two\r\nlines', lastEventId: '6' })).toEqual(
      new ReceivedMessage('message', 'two\nlines', '6'),
    );
    expect(receivedMessage({ data: { n: 1 } }).json()).toEqual({ n: 1 });
  });

  it('refuses what no server can send', () => {
    expect(() => receivedMessage({ event: 'a\nb' })).toThrow(expect.objectContaining({ code: 'SSE_INVALID_MESSAGE' }));
    expect(() => receivedMessage({ data: undefined, id: 'a\0' })).toThrow(expect.objectContaining({ field: 'id' }));
  });
});
