import { createServer } from 'node:http';
import { SseCapacityException, type SsePusher, type SsePusherFactory } from 'nestjs-event-stream';

export function serve(pushers: SsePusherFactory, start: (pusher: SsePusher) => void) {
  return createServer((request, response) => {
    try {
      start(pushers.create(request, response));
    } catch (error) {
      if (!(error instanceof SseCapacityException)) {
        throw error;
      }
      response.writeHead(error.getStatus(), { 'Content-Type': 'application/json' }); // Retry-After is set already
      response.end(JSON.stringify(error.getResponse()));
    }
  });
}
