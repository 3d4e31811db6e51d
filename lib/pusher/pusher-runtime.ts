import { Http2Sessions } from './http2-sessions.js';
import { LoopTurn } from './loop-turn.js';
import { turnAway } from './refuse-stream.js';
import { RepeatedPart } from './repeated-part.js';
import { SHUTDOWN_DEFAULTS, type ShutdownSettings } from './shutdown.js';
import type { StreamAuthority } from './stream-authority.js';
import { StreamClock } from './stream-clock.js';
import { type HandlerLookup, StreamFailures } from './stream-failures.js';
import type { StreamGate } from './stream-gate.js';
import { StreamLedger } from './stream-ledger.js';
import type { StreamServices } from './stream-services.js';
import { STREAM_DEFAULTS, type StreamSettings } from './stream-settings.js';
import { StreamTraffic } from './stream-traffic.js';

/** Injection token of {@link PusherRuntime}. */
export const PUSHER_RUNTIME = Symbol('nestjs-event-stream.pusher-runtime');

/** Everything that the pushers of one module share. */
export interface PusherRuntime {
  readonly settings: StreamSettings;
  readonly shutdown: ShutdownSettings;
  readonly failures: StreamFailures;
  readonly ledger: StreamLedger;
  readonly sessions: Http2Sessions;
  /** Absent where every request gets its stream. */
  readonly gate: StreamGate | undefined;
  /** Absent where the option `reauthorize` is not served. */
  readonly authority: StreamAuthority | undefined;
  readonly services: StreamServices;
  /** Whether Nest is kept from answering a response that a stream has taken. */
  readonly replyGuarded: boolean;
}

export interface PusherRuntimeParts {
  readonly settings?: StreamSettings;
  readonly shutdown?: ShutdownSettings;
  readonly lookup: HandlerLookup;
  readonly random?: () => number;
  readonly replyGuarded?: boolean;
  /** @param ledger the book of the streams that there are already */
  readonly gate?: (ledger: StreamLedger) => StreamGate;
  readonly authority?: (services: Pick<StreamServices, 'clock' | 'random'>) => StreamAuthority;
}

export function createPusherRuntime(parts: PusherRuntimeParts): PusherRuntime {
  const failures = new StreamFailures(parts.lookup);
  const ledger = new StreamLedger(failures);
  const shutdown = parts.shutdown ?? SHUTDOWN_DEFAULTS;
  const random = parts.random ?? Math.random;
  const clock = new StreamClock();
  return {
    settings: parts.settings ?? STREAM_DEFAULTS,
    shutdown,
    failures,
    ledger,
    sessions: new Http2Sessions(),
    gate: parts.gate?.(ledger),
    authority: parts.authority?.({ clock, random }),
    services: {
      clock,
      turn: new LoopTurn(),
      pings: new RepeatedPart(),
      random,
      observer: ledger,
      traffic: new StreamTraffic(),
      turnAway: (stream, why) => turnAway(stream, shutdown, random, why),
    },
    replyGuarded: parts.replyGuarded ?? true,
  };
}
