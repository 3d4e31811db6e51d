import type { Socket } from 'node:net';
import { expect, it } from '@jest/globals';
import { HandedOver } from './support/handed-over.js';
import { PLATFORMS, startApp } from './support/platforms.js';
import { RawSocket } from './support/raw-socket.js';

/** How many listeners Node takes for a leak, unless it is told otherwise. */
const MANY = 11;

it.each(PLATFORMS)('many pipelined streams watch their socket without a warning of a leak on %s', async (platform) => {
  const sockets: Socket[] = [];
  const handedOver = new HandedOver();
  const { app, port, close } = await startApp(platform, { controllers: [handedOver.controller] });
  app.getHttpServer().on('connection', (socket: Socket) => sockets.push(socket));
  const client = await RawSocket.connect(port);
  client.get(...new Array<string>(MANY).fill('/stream'));
  for (let n = 0; n < MANY; n++) {
    await handedOver.next();
  }
  const [socket] = sockets;
  expect(socket!.listenerCount('close')).toBeGreaterThanOrEqual(MANY);
  expect(socket!.getMaxListeners()).toBeGreaterThanOrEqual(socket!.listenerCount('close'));
  client.leave();
  await close();
});
