import { describe, expect, it } from '@jest/globals';
import { SseOptionsError } from '../protocol/index.js';
import { checkReceiverOptions } from './check-receiver-options.js';
import type { SseReceiverOptions } from './receiver-options.js';
import type { RequestTarget } from './request-target.js';
import { BackoffRetryPolicy, NEVER_RETRY } from './retry-policy.js';

const URL_OK = 'http://example.test/stream';

function problemsOf(options: unknown, url: unknown): Record<string, string> {
  try {
    checkReceiverOptions(url as string, options as SseReceiverOptions);
    return {};
  } catch (error) {
    expect(error).toBeInstanceOf(SseOptionsError);
    return Object.fromEntries((error as SseOptionsError).problems.map(({ option, problem }) => [option, problem]));
  }
}

describe('checkReceiverOptions()', () => {
  it('puts the defaults in, for undefined too', () => {
    const settings = checkReceiverOptions(URL_OK, {
      lastEventId: undefined,
      retry: undefined,
      maxRedirects: undefined,
    });
    expect(settings).toMatchObject({
      method: 'GET',
      lastEventId: '',
      statusPolicy: 'retry-transient',
      connectTimeoutMs: 10_000,
      firstByteTimeoutMs: 60_000,
      maxRedirects: 5,
      once: false,
    });
    expect(settings.retry).toBeInstanceOf(BackoffRetryPolicy);
    expect(settings.idleTimeoutMs).toBeUndefined();
  });

  it('takes credentials and fragment out of the URL, of a copy of it', () => {
    const url = new URL('https://j%C3%B6:100%@example.test/a?b=c#d');
    const settings = checkReceiverOptions(url, {});
    const target = settings.url as RequestTarget;
    expect(target.url.href).toBe('https://example.test/a?b=c');
    expect(Buffer.from(target.authorization?.slice(6) ?? '', 'base64').toString()).toBe('jö:100%');
    expect(url.username).toBe('j%C3%B6');
  });

  it('never repeats a request other than GET, unless told to', () => {
    expect(checkReceiverOptions(URL_OK, { method: 'POST' })).toMatchObject({ once: true, retry: NEVER_RETRY });
    expect(checkReceiverOptions(URL_OK, { retry: false })).toMatchObject({ once: true, retry: NEVER_RETRY });
    expect(checkReceiverOptions(URL_OK, { method: 'POST', retry: {} }).once).toBe(false);
  });

  it('takes a retry policy as it is', () => {
    const retry = new (class {
      nextDelayMs() {
        return 1;
      }
    })();
    expect(checkReceiverOptions(URL_OK, { retry }).retry).toBe(retry);
  });

  it.each([
    ['headers', { headers: { a: 1 } }],
    ['headers', { headers: null }],
    ['method', { method: 'get' }],
    ['method', { method: 'G T' }],
    ['method', { method: 5 }],
    ['method', { method: 'HEAD' }],
    ['body', { method: 'POST', body: {} }],
    ['body', { body: 'x' }],
    ['lastEventId', { lastEventId: 'a\nb' }],
    ['lastEventId', { lastEventId: 5 }],
    ['signal', { signal: {} }],
    ['onComment', { onComment: 'x' }],
    ['statusPolicy', { statusPolicy: 'never' }],
    ['retry', { retry: 5 }],
    ['retry', { retry: null }],
    ['retry.baseMs', { retry: { baseMs: -1 } }],
    ['retry.maxMs', { retry: { maxMs: 2 ** 31 } }],
    ['retry.maxAttempts', { retry: { maxAttempts: 0 } }],
    ['retry.maxElapsedMs', { retry: { maxElapsedMs: Number.NaN } }],
    ['retry.maxServerDelayMs', { retry: { maxServerDelayMs: '1h' } }],
    ['retry.jitter', { retry: { jitter: true } }],
    ['connectTimeoutMs', { connectTimeoutMs: -1 }],
    ['firstByteTimeoutMs', { firstByteTimeoutMs: Number.POSITIVE_INFINITY }],
    ['idleTimeoutMs', { idleTimeoutMs: null }],
    ['maxMessageBytes', { maxMessageBytes: 0 }],
    ['maxMessageBytes', { maxMessageBytes: 2 ** 40 }],
    ['maxRedirects', { maxRedirects: 1.5 }],
    ['tls', { tls: true }],
    ['tls', { tls: {}, dispatcher: { dispatch() {} } }],
    ['dispatcher', { dispatcher: {} }],
    ['cursorStore', { name: 'a', cursorStore: {} }],
    ['name', { cursorStore: { load() {}, save() {} } }],
    ['name', { name: '' }],
    ['body', { method: 'POST', body: 5 }],
    ['maxLifetimeMs', { maxLifetimeMs: -1 }],
    ['maxIdBytes', { maxIdBytes: 0 }],
    ['oversize', { oversize: 'drop' }],
    ['onSkip', { onSkip: 'x' }],
    ['allow', { allow: ['example.test'] }],
    ['decompress', { decompress: 'gzip' }],
    ['retry.healthyAfterMs', { retry: { healthyAfterMs: -1 } }],
    ['options', null],
  ])('refuses a bad %s: %p', (option, options) => {
    expect(Object.keys(problemsOf(options, URL_OK))).toEqual([option]);
  });

  it.each([undefined, '', 'stream', '/stream', 5, 'ftp://example.test', 'data:,x'])('refuses the URL %p', (url) => {
    expect(Object.keys(problemsOf({}, url))).toEqual(['url']);
  });

  it('names all problems at once, and no secret', () => {
    const problems = problemsOf({ headers: { 'x-a': 's3cret\n' }, maxRedirects: -1, foo: 1 }, 'nothing://s3cret@');
    expect(Object.keys(problems).sort()).toEqual(['foo', 'headers', 'maxRedirects', 'url']);
    expect(JSON.stringify(problems)).not.toContain('s3cret');
  });
});
