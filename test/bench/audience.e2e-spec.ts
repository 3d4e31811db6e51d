import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Audience } from '../../bench/fan-out-client.mjs';

const STREAMS = 3;

let server: Server;
let responses: ServerResponse[];
let audience: Audience;

/** A message as the servers of the benchmark send it. */
function frame(n: number, last = false) {
  return `id: ${n}\nevent: tick\ndata: ${JSON.stringify({ n, filler: 'x', last: last ? 1 : 0 })}\n\n`;
}

beforeEach(async () => {
  responses = [];
  server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    responses.push(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  audience = await Audience.open({ port, path: '/news', count: STREAMS, capacity: 1000 });
  audience.settle();
});

afterEach(async () => {
  audience.leave();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** What the audience says of two messages, 5 and 6, when each stream is sent this. */
function hear(bodyOf: (stream: number) => string[]) {
  return audience.hear(
    () => {
      for (const [stream, response] of responses.entries()) for (const chunk of bodyOf(stream)) response.write(chunk);
    },
    5,
    2,
  );
}

describe('the audience of the fan-out benchmark', () => {
  it('is content with every message in its place on every stream, and says when each had all', async () => {
    const arrivals = await hear(() => [frame(5), frame(6, true)]);
    expect(arrivals).toHaveLength(STREAMS);
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
  });

  it('does not mind how they are cut into chunks', async () => {
    await expect(hear(() => [frame(5) + frame(6, true)])).resolves.toHaveLength(STREAMS);
    const whole = frame(5) + frame(6, true);
    await expect(hear(() => [whole.slice(0, 30), whole.slice(30)])).resolves.toHaveLength(STREAMS);
  });

  it('refuses another message than was published', async () => {
    await expect(hear(() => [frame(4), frame(6, true)])).rejects.toThrow('expected 2 messages from 5 on, got 2: 4,6');
  });

  it('refuses a message that came twice', async () => {
    await expect(hear(() => [frame(5), frame(5), frame(6, true)])).rejects.toThrow('got 3: 5,5,6');
  });

  it('refuses a message that is missing', async () => {
    await expect(hear(() => [frame(6, true)])).rejects.toThrow('got 1: 6');
  });

  it('refuses a burst that is too short or too long', async () => {
    await expect(hear(() => [frame(5, true)])).rejects.toThrow('got 1: 5');
    await expect(hear(() => [frame(5), frame(6), frame(7, true)])).rejects.toThrow('got 3: 5,6,7');
  });

  it('refuses messages in another order', async () => {
    await expect(hear(() => [frame(6), frame(5, true)])).rejects.toThrow('got 2: 6,5');
  });

  it('refuses one stream among many that got something else', async () => {
    const odd = hear((stream) => [stream === 2 ? frame(5).replace('tick', 'tock') : frame(5), frame(6, true)]);
    await expect(odd).rejects.toThrow('has got others than stream 0');
  });

  it('refuses more than can belong to a burst', async () => {
    await expect(hear(() => Array.from({ length: 30 }, () => frame(5)))).rejects.toThrow('more than all messages');
  });

  it('fails when a stream is closed', async () => {
    const hearing = hear(() => [frame(5)]);
    responses[1]?.destroy();
    await expect(hearing).rejects.toThrow();
  });
});
