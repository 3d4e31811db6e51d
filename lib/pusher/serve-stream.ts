import type { Type } from '@nestjs/common';
import { SseModuleMissingError } from './module-missing.error.js';
import { RequestContext } from './request-context.js';
import { runHandler } from './run-handler.js';
import type { SsePusherFactory } from './sse-pusher.factory.js';
import { SsePusher } from './sse-pusher.js';
import type { SseStreamOptions } from './stream-options.js';
import type { StreamParameter } from './stream-parameters.js';

/** One call of a decorated method by Nest's router. */
export interface StreamCall {
  readonly controller: object;
  /** Absent where the module was not imported. */
  readonly factory: SsePusherFactory | undefined;
  /** What Nest knows as the handler, with all the metadata. */
  readonly handler: Function;
  readonly original: (...args: unknown[]) => unknown;
  /** `Controller.method`. */
  readonly route: string;
  readonly args: unknown[];
  readonly parameters: ReadonlyMap<number, StreamParameter>;
  readonly request: unknown;
  readonly response: unknown;
  readonly options: SseStreamOptions | undefined;
}

/** Streams what a decorated method gives, and settles when Nest may think of the request as handled. */
export async function serveStream(call: StreamCall): Promise<void> {
  const { controller, factory, handler, route, request, response } = call;
  if (!factory) {
    throw new SseModuleMissingError(route);
  }
  const executionContext = new RequestContext(controller.constructor as Type, handler, request, response);
  const { failures, replyGuarded } = factory.runtime;
  const warrant = factory.warrantFor(request, call.options, executionContext);
  if (warrant?.decided) {
    await warrant.decided;
  }
  const stream = factory.createStream(request, response, call.options, { route, executionContext }, warrant);
  if (stream.state === 'pending') {
    const pusher = new SsePusher(stream, failures);
    const args = [...call.args];
    for (const [index, parameter] of call.parameters) {
      args[index] = parameter === 'pusher' ? pusher : stream.info.lastEventId;
    }
    await runHandler(stream, failures, {
      call: () => call.original.apply(controller, args),
      takesPusher: [...call.parameters.values()].includes('pusher'),
    });
  }
  if (stream.exchange.answered) {
    stream.exchange.take();
    if (!replyGuarded) {
      // Nobody keeps Nest from answering the request a second time, so it never hears that the handler is done.
      await new Promise<never>(() => {});
    }
  }
}
