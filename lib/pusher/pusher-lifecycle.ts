import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { PUSHER_RUNTIME, type PusherRuntime } from './pusher-runtime.js';
import { guardReplies } from './reply-guard.js';
import { drainStreams } from './shutdown.js';

/** Ties the pushers to the life of the application. */
@Injectable()
export class PusherLifecycle implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown {
  constructor(
    @Inject(PUSHER_RUNTIME) private readonly runtime: PusherRuntime,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  /** Not earlier: a testing module gets its HTTP adapter only after everything was constructed. */
  async onModuleInit(): Promise<void> {
    // A worker without an HTTP server has no adapter.
    const { httpAdapter } = this.host;
    if (this.runtime.replyGuarded && httpAdapter) {
      guardReplies(httpAdapter);
    }
    this.runtime.sessions.watch(httpAdapter?.getHttpServer());
    await this.runtime.failures.checkListener(this.runtime.settings.onError);
  }

  onModuleDestroy(): void {
    this.runtime.ledger.refuseNew();
  }

  /** Before the HTTP server closes, for it would wait for the streams. */
  async beforeApplicationShutdown(): Promise<void> {
    const { ledger, sessions, shutdown, services } = this.runtime;
    await Promise.all([drainStreams(ledger, shutdown, services.random), sessions.drain(shutdown.deadlineMs)]);
  }
}
