import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { PUSHER_RUNTIME, type PusherRuntime } from '../pusher/index.js';
import { EventStream } from '../pusher/internal.js';

/**
 * The server's end of a connection, while this package streams into it or is about to.
 *
 * @param port of the client's end; it has none before it is connected, and after it was closed
 */
export function serverStreamOf(app: INestApplication, port: number | undefined): EventStream | undefined {
  if (port === undefined) {
    return undefined;
  }
  return runtimesOf(app)
    .flatMap(({ ledger }) => ledger.unfinished())
    .filter((stream) => stream instanceof EventStream)
    .find(({ exchange }) => exchange.socket?.remotePort === port);
}

/** Asks the modules: an application of `NestFactory` ends the process when it is asked for what it does not have. */
function runtimesOf(app: INestApplication): PusherRuntime[] {
  const modules = [...app.get(ModulesContainer).values()];
  return modules.flatMap(({ providers }) => {
    const runtime = providers.get(PUSHER_RUNTIME)?.instance as PusherRuntime | undefined;
    return runtime ? [runtime] : [];
  });
}
