import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, type INestApplication } from '@nestjs/common';
import { LastEventId, type SseMessage, SseStream } from 'nestjs-event-stream';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { allowPages } from '../docs/examples/allow-pages.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { canBrowse, launchChromium } from '../sample/support/chromium.js';

const describeInChromium = canBrowse() ? describe : describe.skip;
const POLYFILL = readFileSync(createRequire(import.meta.url).resolve('event-source-polyfill'), 'utf8');

/** One message for each connection, and its end: clients come back for the next one. */
@Controller()
class CountController {
  @SseStream('count', { retryMs: 20 })
  *count(@LastEventId() seen?: string): Generator<SseMessage> {
    const n = Number(seen ?? 0) + 1;
    yield { id: String(n), data: n };
  }
}

describeInChromium.each(PLATFORMS)('a page of another origin than the streams of %s', (platform) => {
  let browser: Browser;
  let pages: Server;
  let context: BrowserContext;
  let page: Page;
  let app: TestApp;
  /** What the application was asked for: method, cookie, query, and the header Last-Event-ID. */
  let asked: string[];

  beforeAll(async () => {
    browser = await launchChromium();
    pages = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Page</title>');
    });
    await once(pages.listen(0, '127.0.0.1'), 'listening');
  });

  afterAll(async () => {
    await browser.close();
    pages.closeAllConnections();
    await new Promise((resolve) => pages.close(resolve));
  });

  beforeEach(async () => {
    asked = [];
    context = await browser.newContext();
    page = await context.newPage();
    await page.goto(pageOrigin());
  });

  afterEach(async () => {
    await context.close();
    await app.close();
  });

  const pageOrigin = () => `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;

  async function start(cors: (nest: INestApplication) => void): Promise<string> {
    app = await startApp(platform, {
      controllers: [CountController],
      configure(nest) {
        nest.use(noteRequest);
        cors(nest);
      },
    });
    const origin = `http://127.0.0.1:${app.port}`;
    await context.addCookies([{ name: 'session', value: 'mine', url: origin }]);
    return `${origin}/count`;
  }

  function noteRequest(request: any, _response: unknown, next: () => void): void {
    const { method, headers, originalUrl, url } = request;
    const { search } = new URL(originalUrl ?? url, 'http://any');
    asked.push([method, headers.cookie ?? '-', search || '-', headers['last-event-id'] ?? '-'].join(' '));
    next();
  }

  /** The data of the first events, or `refused` once the source has given up. */
  function follow(name: string, url: string, options: object, count: number): Promise<string> {
    return page.evaluate<string>(`new Promise((resolve) => {
      const source = new ${name}(${JSON.stringify(url)}, ${JSON.stringify(options)});
      const seen = [];
      source.onmessage = ({ data }) => {
        if (seen.push(data) === ${count}) {
          source.close();
          resolve(seen.join());
        }
      };
      source.onerror = () => source.readyState === source.CLOSED && resolve('refused');
    })`);
  }

  const listed = (nest: INestApplication) => allowPages(nest, [pageOrigin()]);

  it('follows them with its cookies, and resumes without ever asking for permission', async () => {
    const url = await start(listed);
    expect(await follow('EventSource', url, { withCredentials: true }, 3)).toBe('1,2,3');
    expect(asked.slice(0, 3)).toEqual(['GET session=mine - -', 'GET session=mine - 1', 'GET session=mine - 2']);
  });

  it('sends no cookie unless it says so', async () => {
    const url = await start(listed);
    expect(await follow('EventSource', url, {}, 1)).toBe('1');
    expect(asked[0]).toBe('GET - - -');
  });

  it.each<[string, (nest: INestApplication) => void]>([
    ['credentials are not allowed', (nest) => nest.enableCors({ origin: [pageOrigin()] })],
    ['all origins are allowed by an asterisk', (nest) => nest.enableCors({ origin: '*', credentials: true })],
    ['it is not listed', (nest) => allowPages(nest, ['https://page.example'])],
    ['there is no CORS', () => {}],
  ])('is kept from them for good when %s', async (_why, cors) => {
    const url = await start(cors);
    expect(await follow('EventSource', url, { withCredentials: true }, 1)).toBe('refused');
    expect(asked).toEqual(['GET session=mine - -']);
  });

  it('resumes by the query with the polyfill, which must not set the header', async () => {
    const url = await start(listed);
    await page.addScriptTag({ content: POLYFILL });
    const options = { withCredentials: true };
    expect(await follow('EventSourcePolyfill', url, options, 3)).toBe('1,2,3');
    expect(asked.slice(0, 3)).toEqual([
      'GET session=mine - -',
      'GET session=mine ?lastEventId=1 -',
      'GET session=mine ?lastEventId=2 -',
    ]);
  });
});
