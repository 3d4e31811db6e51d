/** What a model says, token by token, as the answer to a POST: `npm run sample 02`. */
import { setTimeout } from 'node:timers/promises';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Pusher, SseModule, SsePusher, SseStream } from 'nestjs-event-stream';

/** Stands in for a model, which is paid for by the token: no more of them when nobody reads. */
async function* ask(prompt: string, signal: AbortSignal): AsyncGenerator<string> {
  for (const word of `You said: ${prompt}`.split(' ')) {
    await setTimeout(50, undefined, { signal });
    yield `${word} `;
  }
}

@Controller('chat')
class ChatController {
  @Post()
  @SseStream({ onEnd: 'stop', openAfterMs: 'first-message' }) // an error before the first token has its own status
  async *chat(@Body('prompt') prompt: string, @Pusher() { signal }: SsePusher) {
    for await (const token of ask(prompt, signal)) yield { event: 'token', data: { token } };
    yield { event: 'done' };
  }
}

@Module({ imports: [SseModule.forRoot()], controllers: [ChatController] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
console.log(`curl -N ${await app.getUrl()}/chat -H 'Content-Type: application/json' -d '{"prompt":"hello there"}'`);
