import 'reflect-metadata';

/** What a parameter of a handler is filled with by the stream, rather than by Nest. */
export type StreamParameter = 'pusher' | 'lastEventId';

const STREAM_PARAMETERS = Symbol('nestjs-event-stream.parameters');

type ParameterMap = ReadonlyMap<number, StreamParameter>;

/** Takes note that a parameter is ours to fill. */
export function markStreamParameter(
  target: object,
  method: string | symbol,
  index: number,
  kind: StreamParameter,
): void {
  const earlier: ParameterMap = Reflect.getOwnMetadata(STREAM_PARAMETERS, target, method) ?? new Map();
  Reflect.defineMetadata(STREAM_PARAMETERS, new Map(earlier).set(index, kind), target, method);
}

/** The parameters of a method that are ours to fill. */
export function streamParameters(target: object, method: string | symbol): ParameterMap {
  return Reflect.getOwnMetadata(STREAM_PARAMETERS, target, method) ?? new Map();
}
