import { Body, Controller, HttpException, Post } from '@nestjs/common';
import { Pusher, SseConnectError, SsePusher, SseReceiverService, SseStream } from 'nestjs-event-stream';

@Controller('answers')
export class AnswersController {
  readonly #model = process.env['MODEL_URL'] ?? 'https://model.example/v1/answers';

  constructor(private readonly receiver: SseReceiverService) {}

  @Post()
  @SseStream({ openAfterMs: 'first-message', onEnd: 'stop' })
  async *answer(@Body('prompt') prompt: string, @Pusher() { signal }: SsePusher) {
    const answer = this.receiver.subscribe(this.#model, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env['MODEL_KEY']}` },
      body: JSON.stringify({ prompt, stream: true }),
      signal, // the client has left: so do we, and nobody pays for the rest
    });
    try {
      for await (const { event, data } of answer) {
        if (data === '[DONE]') return;
        yield { event, data };
      }
    } catch (error) {
      if (!(error instanceof SseConnectError)) throw error;
      throw new HttpException('The model does not answer', error.status === 429 ? 429 : 502);
    }
  }
}
