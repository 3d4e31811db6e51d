import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { useSample } from './support/use-sample.js';

// Building takes a while.
jest.setTimeout(120_000);

const VIEWER = 'a-viewer-of-the-board';
const sample = useSample();

beforeEach(async () => {
  await sample.serve();
});

function post(body: unknown, contentType = 'application/json'): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`${sample.url}/notices`, { method: 'POST', headers: { 'content-type': contentType }, body: text });
}

function cut(viewer: string): Promise<Response> {
  return fetch(`${sample.url}/notices/cut/${viewer}`, { method: 'POST' });
}

/** What a stream sends until this has come. */
async function readUntil({ body }: Response, wanted: string): Promise<string> {
  let text = '';
  for await (const part of body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes(wanted)) break;
  }
  return text;
}

describe('POST /notices', () => {
  it('puts a notice on the board, without the white space around it', async () => {
    const posted = await post({ text: ' Coffee is ready\n' });
    expect(posted.status).toBe(201);
    const { id } = (await posted.json()) as { id: string };
    const board = await readUntil(await fetch(`${sample.url}/notices`), 'Coffee');
    expect(board).toMatch(/^event: opened\ndata: \{"resumed":false,"newestAt":\d+\}$/m);
    expect(board).toMatch(
      new RegExp(`^id: ${id}\nevent: notice\ndata: \\{"text":"Coffee is ready","at":\\d+\\}$`, 'm'),
    );
  });

  it('gives each notice a later time than the one before, and tells at the start which is the newest', async () => {
    const texts = Array.from({ length: 20 }, (_, n) => `Notice ${n}`);
    for (const text of texts) await post({ text });
    const board = await readUntil(await fetch(`${sample.url}/notices`), texts.at(-1)!);
    const times = [...board.matchAll(/"at":(\d+)/g)].map(([, at]) => Number(at));
    expect(times).toHaveLength(texts.length);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expect(board).toContain(`"newestAt":${times.at(-1)}}`);
  });

  it('refuses with 400 what is no text of a notice, and says why', async () => {
    const junk = [{}, [], { text: '' }, { text: ' \t\n' }, { text: 7 }, { text: ['Hello'] }, { text: 'x'.repeat(281) }];
    for (const body of junk) {
      const refused = await post(body);
      expect(refused.status).toBe(400);
      expect(await refused.json()).toEqual({
        statusCode: 400,
        error: 'Bad Request',
        code: 'notice-text',
        field: 'text',
        message: "'text' must be a string of 1 to 280 characters, beside white space at its ends",
      });
    }
    expect(await readUntil(await fetch(`${sample.url}/notices`), '\n\n')).toContain('"newestAt":0');
  });

  it('refuses with 400 what is no JSON object', async () => {
    for (const body of ['', 'null', '"Hello"', '{"text":']) expect((await post(body)).status).toBe(400);
  });

  it('takes as many characters as it says', async () => {
    expect((await post({ text: ` ${'x'.repeat(280)} ` })).status).toBe(201);
  });

  it('refuses with 415 what pages of other sites can send without being asked', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      expect((await post('text=Hello', type)).status).toBe(415);
    }
  });
});

describe('POST /notices/cut/:viewer', () => {
  it('cuts a viewer off and lets him not come back for now, by no status; others stay', async () => {
    const board = `${sample.url}/notices?viewer=`;
    const stream = (await fetch(board + VIEWER)).text();
    const charts = await fetch(`${sample.url}/machine?viewer=${VIEWER}`);
    const reply = await cut(VIEWER);
    expect([reply.status, await reply.json()]).toEqual([200, { forMs: 10_000 }]);
    await expect(stream).rejects.toThrow('terminated');
    await expect(fetch(board + VIEWER)).rejects.toThrow('fetch failed');
    expect(await readUntil(await fetch(`${board}another-viewer-of-it`), 'opened')).toContain('opened');
    expect(await readUntil(charts, 'sample')).toContain('event: sample');
  });

  it('answers 404 when there is nobody to cut', async () => {
    for (const viewer of ['nobody', VIEWER]) expect((await cut(viewer)).status).toBe(404);
  });
});
