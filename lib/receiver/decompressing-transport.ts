import { DecompressingExchange } from './decompressing-exchange.js';
import type { Exchange, ExchangeEvents, Transport, TransportRequest } from './transport.js';

/** The `Accept-Encoding` that asks for what {@link DecompressingTransport} can decompress. */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

/**
 * Makes requests through another transport and decompresses what is answered in gzip, deflate or brotli: what the
 * server flushed comes out at once, and without the headers that tell of the compression. A response in several codings
 * or in another one is passed through as it is. It does not ask for compression: {@link ACCEPT_ENCODING} does.
 *
 * Ends with an `SseDecompressError` when the data is corrupt, or grows to more than 16 MiB and 250 times its size; with
 * another error, as a lost connection does, when the response ends in the middle of the data.
 *
 * @example
 * const transport = new DecompressingTransport(new UndiciTransport());
 * transport.send({ url, method: 'GET', headers: ['accept-encoding', ACCEPT_ENCODING] }, events);
 */
export class DecompressingTransport implements Transport {
  constructor(private readonly transport: Transport) {}

  send(request: TransportRequest, events: ExchangeEvents): Exchange {
    const exchange = new DecompressingExchange(events);
    exchange.begin(this.transport, request);
    return exchange;
  }
}
