// For the other rooms of this package; not part of what it exports.

export { BodyPart } from './body-part.js';
export { messageOf } from './error-text.js';
export { EventStream } from './event-stream.js';
export { guardRejection } from './guard-rejection.js';
export { HttpExchange } from './http-exchange.js';
export { isPromise } from './is-promise.js';
export type { LoopTurn } from './loop-turn.js';
export type { ManagedStream } from './managed-stream.js';
export { openingFrame } from './opening.js';
export { OutageLog } from './outage-log.js';
export { WRITE_BYTES } from './outbox.js';
export { assertFits } from './overflow.error.js';
export { refuseStream } from './refuse-stream.js';
export { RequestContext } from './request-context.js';
export {
  SELF_WRITING,
  type SelfWriter,
  type SharedStream,
  type SourceEnd,
  type StreamStanding,
  type StreamTenant,
} from './shared-stream.js';
export { type AnyIterator, leave, openIterator } from './sources.js';
export { onceStreamRoute, streamRouteOptions } from './stream-route.js';
