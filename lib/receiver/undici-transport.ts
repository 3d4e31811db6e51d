import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { buildConnector, Dispatcher } from 'undici';
import { SseOptionsError } from '../protocol/index.js';
import { SseConnectError } from './connect.error.js';
import type { Exchange, ExchangeEvents, Transport, TransportRequest } from './transport.js';
import { UndiciExchange } from './undici-exchange.js';

type Undici = typeof import('undici');
type Connector = buildConnector.connector;

/** TLS options that show who we are, or who the other side has to be: not for another origin. */
const OWN_ORIGIN_ONLY = [
  'cert',
  'key',
  'pfx',
  'passphrase',
  'privateKeyEngine',
  'privateKeyIdentifier',
  'clientCertEngine',
  'secureContext',
  'pskCallback',
  'session',
  'servername',
] as const;

/** What the transport is made of. */
export interface UndiciTransportOptions {
  /** Without what shows who the caller is, for requests that are foreign. */
  readonly tls?: ConnectionOptions;
  /** Takes the place of connections of our own. */
  readonly dispatcher?: Dispatcher;
}

/**
 * Requests through undici's dispatchers. Unless a dispatcher is given, each request has a client, and so a socket, of
 * its own: whatever ends the request ends the socket, in every phase, and a reconnect after a deploy meets the load
 * balancer anew. Never the global dispatcher, which on Node 20 and 22 is an older undici that does not know this
 * interface.
 */
export class UndiciTransport implements Transport {
  private connectors: { readonly own: Connector; readonly foreign: Connector } | undefined;

  constructor(
    private readonly options: UndiciTransportOptions = {},
    private readonly load: () => Promise<Undici> = () => import('undici'),
  ) {}

  send(request: TransportRequest, events: ExchangeEvents): Exchange {
    const exchange = new UndiciExchange(events);
    if (this.options.dispatcher) {
      dispatch(this.options.dispatcher, request, exchange);
    } else {
      this.sendByOwnClient(request, exchange);
    }
    return exchange;
  }

  private sendByOwnClient(request: TransportRequest, exchange: UndiciExchange): void {
    this.load().then(
      (undici) => {
        if (!exchange.isOver) dispatch(this.createClient(undici, request, exchange), request, exchange);
      },
      (cause) => {
        const problem = 'the package undici, a dependency of this one, cannot be loaded; install it';
        exchange.fail(new SseConnectError(problem, { kind: 'network', retryable: false, cause }));
      },
    );
  }

  private createClient(undici: Undici, { url, isForeign }: TransportRequest, exchange: UndiciExchange): Dispatcher {
    const connect = this.connectorFor(undici, isForeign === true);
    const client = new undici.Client(url.origin, {
      connect: (options, callback) => exchange.ownConnecting(connect(options, callback) as unknown as Socket),
    });
    exchange.ownClient(client);
    return client;
  }

  /** Kept for all requests, so that TLS sessions are resumed. */
  private connectorFor(undici: Undici, isForeign: boolean): Connector {
    // The timeouts are ours: undici's are coarse, and unknown to a dispatcher that was passed in.
    this.connectors ??= {
      own: undici.buildConnector({ ...this.options.tls, timeout: 0 }),
      foreign: undici.buildConnector({ ...withoutIdentity(this.options.tls), timeout: 0 }),
    };
    return isForeign ? this.connectors.foreign : this.connectors.own;
  }
}

function withoutIdentity(tls: ConnectionOptions = {}): ConnectionOptions {
  const kept = { ...tls };
  for (const name of OWN_ORIGIN_ONLY) delete kept[name];
  return kept;
}

function dispatch(dispatcher: Dispatcher, { url, method, headers, body }: TransportRequest, exchange: UndiciExchange) {
  try {
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers: [...headers],
        body: body ?? null,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      exchange,
    );
  } catch (cause) {
    // Dispatchers of undici 7 report everything to the handler; older ones throw, as they do not know its methods.
    const problem = "must be a dispatcher of undici 7 or later: it does not take undici 7's handlers";
    exchange.fail(new SseOptionsError([{ option: 'dispatcher', problem }], { cause }));
  }
}
