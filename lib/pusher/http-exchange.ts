import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { SseOptionsError } from '../protocol/index.js';

export type RawRequest = IncomingMessage | Http2ServerRequest;
export type RawResponse = ServerResponse | Http2ServerResponse;

/** What is used of a Fastify reply; naming Fastify's own type would make it a dependency. */
interface ReplyLike {
  readonly raw: RawResponse;
  readonly sent: boolean;
  hijack(): unknown;
  header(name: string, value: string | readonly string[]): unknown;
  getHeader(name: string): OutgoingHttpHeader | undefined;
  getHeaders(): OutgoingHttpHeaders;
  removeHeader(name: string): unknown;
}

/** Marks a response that a stream or its handler has answered, for whoever else thinks that it is theirs to answer. */
const TAKEN = Symbol.for('nestjs-event-stream.taken');

/** Tells whether a stream, or its handler, has answered with this response, of Express, Fastify or node. */
export function isTaken(response: unknown): boolean {
  return (rawResponse(response) as { [TAKEN]?: true } | undefined)?.[TAKEN] === true;
}

/** One request and its response, the same on Express, Fastify, node http and node http2. */
export class HttpExchange {
  readonly request: RawRequest;
  readonly response: RawResponse;
  readonly #reply: ReplyLike | undefined;

  /**
   * @throws SseOptionsError when the two are not a request and a response of one of the supported platforms
   */
  constructor(request: unknown, response: unknown) {
    this.request = ((request as { raw?: RawRequest } | undefined)?.raw ?? request) as RawRequest;
    this.response = rawResponse(response) as RawResponse;
    if (typeof this.request?.headers !== 'object') {
      throw new SseOptionsError([{ option: 'request', problem: 'must be an HTTP request' }]);
    }
    if (typeof this.response?.writeHead !== 'function') {
      throw new SseOptionsError([{ option: 'response', problem: 'must be an HTTP response' }]);
    }
    this.#reply = typeof (response as ReplyLike).hijack === 'function' ? (response as ReplyLike) : undefined;
  }

  /** The HTTP/2 connection, which many streams share; a finished stream no longer knows it. */
  get session(): ServerHttp2Session | undefined {
    return (this.request as Http2ServerRequest).stream?.session as ServerHttp2Session | undefined;
  }

  get isHttp2(): boolean {
    return this.request.httpVersionMajor >= 2;
  }

  /** The connection of this exchange alone; nothing on HTTP/2, where many streams share one. */
  get socket(): Socket | undefined {
    return this.isHttp2 ? undefined : (this.request as IncomingMessage).socket;
  }

  /** Whether the peer has left. */
  get gone(): boolean {
    return this.isHttp2
      ? (this.request as Http2ServerRequest).stream.destroyed
      : this.response.destroyed || this.socket?.destroyed === true;
  }

  /** Whether the response was sent to its end. Node itself ends that of an HTTP/2 stream which its client has reset. */
  get finished(): boolean {
    return this.response.writableFinished && !(this.isHttp2 && (this.request as Http2ServerRequest).stream.aborted);
  }

  /** Whether somebody has answered the request already. */
  get answered(): boolean {
    return this.response.headersSent || this.response.writableEnded || this.#reply?.sent === true;
  }

  /** Marks the response as one that nobody else shall answer. */
  take(): void {
    (this.response as { [TAKEN]?: true })[TAKEN] = true;
  }

  /**
   * Takes the response and commits its head. Headers that were set earlier, by CORS for instance, are kept, and cookies come
   * besides earlier ones; Fastify keeps them apart from the raw response, so they are carried over.
   */
  commit(status: number, headers: Readonly<Record<string, string | readonly string[]>>): void {
    this.take();
    const earlier = this.#reply?.getHeaders() ?? {};
    const cookies = earlier['set-cookie'] ?? (this.response as ServerResponse).getHeader('Set-Cookie');
    this.#reply?.hijack();
    try {
      this.#writeHead(status, { ...earlier, ...besidesCookies(cookies, headers) });
    } catch (error) {
      // Middleware that has replaced parts of the response would break any other answer, too.
      this.response.destroy();
      this.socket?.destroy();
      throw error;
    }
  }

  /** Answers with a whole response. */
  answer(status: number, headers: Readonly<Record<string, string | readonly string[]>> = {}, body?: string): void {
    this.commit(status, headers);
    (this.response as ServerResponse).end(body);
  }

  /** Sets a header for whoever answers the request. */
  setHeader(name: string, value: string): void {
    if (this.#reply) {
      this.#reply.header(name, value);
    } else {
      this.response.setHeader(name, value);
    }
  }

  /** Sets a cookie besides those that somebody has set. Fastify has its own; they would hide those of the raw response. */
  appendCookie(cookie: string): void {
    const response = this.response as ServerResponse;
    if (this.#reply) {
      const earlier = [response.getHeader('Set-Cookie') ?? [], this.#reply.getHeader('Set-Cookie') ?? []].flat();
      this.#reply.removeHeader('Set-Cookie');
      this.#reply.header('Set-Cookie', [...new Set(earlier.map(String)), cookie]);
    } else {
      response.appendHeader('Set-Cookie', cookie);
    }
  }

  /**
   * Sends what `commit()` has prepared, if nothing was written yet; in one packet with what is written next in this tick.
   * Sent together with the first of the body, the head would never become one string: it would stay the many pieces that
   * node has made it of, for as long as the response lives.
   */
  flushHeaders(): void {
    const response = this.response as ServerResponse;
    const socket = this.isHttp2 ? undefined : response.socket;
    socket?.cork();
    response.flushHeaders();
    process.nextTick(() => socket?.uncork());
  }

  /**
   * What the response says of its connection, unless it closes in any case: a client that asks for the end of the
   * connection gets it (RFC 9112 9.6). Only HTTP/1.1 has the header for this: 1.0 would take an unframed body for a
   * finished one, 2 refuses it (RFC 9113 8.2.2).
   */
  connectionHeader(value: 'keep-alive' | 'close'): Record<string, string> {
    if (this.request.httpVersion !== '1.1') {
      return {};
    }
    return { Connection: /\bclose\b/i.test(this.request.headers.connection ?? '') ? 'close' : value };
  }

  #writeHead(status: number, headers: Readonly<Record<string, unknown>>): void {
    const once = isBare(this.response) ? onceEach(headers) : undefined;
    if (once) {
      this.response.writeHead(status, once);
      return;
    }
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) {
        this.response.setHeader(name, value as string | string[]);
      }
    }
    this.response.removeHeader('Content-Length');
    this.response.statusCode = status;
    this.response.writeHead(status);
  }
}

/** Whoever sets a cookie does not mean to take those back that others have set. */
function besidesCookies(
  cookies: OutgoingHttpHeader | undefined,
  headers: Readonly<Record<string, string | readonly string[]>>,
): Readonly<Record<string, string | readonly string[]>> {
  const name = Object.keys(headers).findLast((each) => each.toLowerCase() === 'set-cookie');
  return cookies === undefined || name === undefined
    ? headers
    : { ...headers, [name]: [cookies, headers[name]!].flat().map(String) };
}

/**
 * Whether nobody has set a header on the response yet, nor put a function of his own in the way, which would look for them
 * there, or change them. Then none has to be set one by one: node keeps those for as long as the response lives.
 */
function isBare(response: RawResponse): response is ServerResponse {
  const { writeHead, setHeader } = ServerResponse.prototype;
  return response.writeHead === writeHead && response.setHeader === setHeader && response.getHeaderNames().length === 0;
}

/**
 * As if they were set one after the other: names that differ in case alone are one, and the last value counts. Nothing if one
 * says how the body is encoded, for that is what others ask the response about.
 */
function onceEach(headers: Readonly<Record<string, unknown>>): OutgoingHttpHeaders | undefined {
  const byName = new Map<string, [name: string, value: unknown]>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) {
      byName.set(name.toLowerCase(), [name, value]);
    }
  }
  byName.delete('content-length');
  return byName.has('content-encoding') ? undefined : (Object.fromEntries(byName.values()) as OutgoingHttpHeaders);
}

function rawResponse(response: unknown): unknown {
  const candidate = response as { raw?: unknown } | undefined;
  return candidate?.raw ?? candidate;
}
