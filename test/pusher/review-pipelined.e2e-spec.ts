import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { HandedOver } from './support/handed-over.js';
import { PLATFORMS, startApp } from './support/platforms.js';
import { RawSocket } from './support/raw-socket.js';

const MORE_THAN_TEN = 15;

describe.each(PLATFORMS)('many streams that are pipelined on %s', (platform) => {
  it('raise no warning of a leak', async () => {
    const warnings: string[] = [];
    const warn = (warning: Error) => warnings.push(warning.message);
    process.on('warning', warn);
    const handedOver = new HandedOver();
    const app = await startApp(platform, { controllers: [handedOver.controller] });
    const client = await RawSocket.connect(app.port);
    client.get(...new Array<string>(MORE_THAN_TEN).fill('/stream'));
    for (let n = 0; n < MORE_THAN_TEN; n++) {
      await handedOver.next();
    }
    await setImmediate();
    client.leave();
    await app.close();
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });
});
