import { SetMetadata } from '@nestjs/common';
import type { SseStreamInfo } from '../pusher/index.js';

const UNLIMITED = Symbol('nestjs-event-stream.unlimited');

/** For a stream that is let in whatever the limits say: whoever looks for what is wrong has to get in while it is. */
export function Unlimited(): MethodDecorator {
  return SetMetadata(UNLIMITED, true);
}

export function isUnlimited({ executionContext }: SseStreamInfo): boolean {
  return executionContext !== undefined && Reflect.getMetadata(UNLIMITED, executionContext.getHandler()) === true;
}
