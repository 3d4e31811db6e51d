import { Body, Controller, Inject, Post } from '@nestjs/common';
import { Pusher, SsePusher, SseStream } from 'nestjs-event-stream';

/** Yours: the client of whoever has the model. */
export interface Model {
  answer(prompt: string, signal: AbortSignal): AsyncIterable<string>;
}
export const MODEL = Symbol('MODEL');

@Controller()
export class CompletionsController {
  constructor(@Inject(MODEL) private readonly model: Model) {}

  @Post('completions')
  @SseStream({
    openAfterMs: 20_000, // what the model refuses until then has its own status, 429 for instance
    pingMs: 5_000, // it may think for long
    onEnd: 'stop',
    onError: () => ({ event: 'failed', data: { why: 'The model broke off.' } }),
  })
  async *complete(@Body('prompt') prompt: string, @Pusher() { signal }: SsePusher) {
    let tokens = 0;
    for await (const text of this.model.answer(prompt, signal)) {
      tokens++;
      yield { event: 'token', data: { text } }; // as JSON: a CR in plain data would arrive as LF
    }
    yield { event: 'done', data: { tokens } };
  }
}
