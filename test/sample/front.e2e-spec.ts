import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Front } from '../../sample/src/cluster/front.js';

const targets: { url: string | undefined }[] = [];
const servers: Server[] = [];
let front: Front;
let url: string;

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A URL at which nobody listens any more. */
async function deadUrl(): Promise<string> {
  const dead = await serve(() => {});
  const server = servers.pop()!.close();
  await once(server, 'close');
  return dead;
}

const echo =
  (name: string): RequestListener =>
  async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    response.setHeader('x-served-by', name).end(`${name} ${request.method} ${request.url} ${body}`);
  };

beforeEach(async () => {
  front = new Front(targets);
  url = await front.listen(0, '127.0.0.1');
});

afterEach(() => {
  front.close();
  targets.length = 0;
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

describe('Front', () => {
  it('goes round those that are there', async () => {
    targets.push({ url: await serve(echo('a')) }, { url: undefined }, { url: await serve(echo('b')) });
    const names = [];
    for (let n = 0; n < 4; n++) names.push((await fetch(url)).headers.get('x-served-by'));
    expect(names).toEqual(['a', 'b', 'a', 'b']);
  });

  it('hands the whole of a request to the next one, when the first does not listen', async () => {
    targets.push({ url: await deadUrl() }, { url: await serve(echo('b')) });
    const body = 'x'.repeat(200_000);
    const answer = await fetch(`${url}/notices?a=1`, { method: 'POST', body });
    expect(await answer.text()).toBe(`b POST /notices?a=1 ${body}`);
  });

  it('answers 503 when nobody is there', async () => {
    targets.push({ url: undefined }, { url: await deadUrl() });
    expect((await fetch(url)).status).toBe(503);
  });

  it('passes on each part of a stream as it comes, and cuts it when its instance dies', async () => {
    let stream: ServerResponse;
    targets.push({
      url: await serve((_request, response) => {
        stream = response;
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      }),
    });
    const answer = await fetch(url);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (const part of ['data: 1\n\n', 'data: 2\n\n']) {
      stream!.write(part);
      expect(await reader.read()).toEqual({ done: false, value: part });
    }
    stream!.destroy();
    await expect(reader.read()).rejects.toThrow('terminated');
  });

  it.each([
    ['before an answer has begun', false],
    ['in the middle of an answer', true],
  ])('tells the instance that the client has left, %s', async (_when, answers) => {
    const aborter = new AbortController();
    const arrivals = new EventEmitter();
    targets.push({
      url: await serve((_request, response) => {
        if (answers) response.writeHead(200).flushHeaders();
        arrivals.emit('request', response);
      }),
    });
    const arrived = once(arrivals, 'request');
    const answer = fetch(url, { signal: aborter.signal }).catch(() => {});
    const [response] = (await arrived) as [ServerResponse];
    if (answers) await answer;
    const left = once(response, 'close');
    aborter.abort();
    await left;
  });
});
