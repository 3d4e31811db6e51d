import type { Exchange, ExchangeEvents, Transport, TransportRequest } from '../../../lib/receiver/transport.js';

/** The test tells what comes from it, and sees what is done to it. */
export class FakeTransport implements Transport, Exchange {
  request: TransportRequest | undefined;
  readonly calls: string[] = [];
  letGo: () => void = () => {};
  private waiting: (() => void)[] = [];
  private events: ExchangeEvents | undefined;

  send(request: TransportRequest, events: ExchangeEvents): Exchange {
    this.request = request;
    this.events = events;
    return this;
  }

  /** Answers with an event stream in a content coding. */
  respond(coding: string | undefined, status = 200): void {
    this.tell.onResponse(status, { 'content-type': 'text/event-stream', 'content-encoding': coding });
  }

  get tell(): ExchangeEvents {
    return this.events as ExchangeEvents;
  }

  pause(): void {
    this.note('pause');
  }

  resume(): void {
    this.note('resume');
  }

  abort(): Promise<void> {
    this.note('abort');
    return new Promise((resolve) => {
      this.letGo = resolve;
    });
  }

  /** Resolves when so many calls have been made. */
  async called(times: number): Promise<void> {
    while (this.calls.length < times) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private note(call: string): void {
    this.calls.push(call);
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
