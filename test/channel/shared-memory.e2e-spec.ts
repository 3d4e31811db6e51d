import { describe, expect, it, jest } from '@jest/globals';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { dataOf, eventsOf, startChannelApp } from './support/channel-app.js';
import { SharedLog } from './support/shared-log.js';

/** Room for two messages of these, and what belongs to them. */
const text = (n: number) => `${n} ${'x'.repeat(1000)}`;
const history = { totalBytes: 2600 };

const numbersOf = (stream: { readonly text: string }) =>
  dataOf(stream)
    .filter((data) => !data.startsWith('{'))
    .map((data) => data.split(' ')[0]);

describe.each(PLATFORMS)('a process that has no room for what a shared log keeps, on %s', (platform) => {
  async function start(events = 1000) {
    const log = new SharedLog();
    const member = log.member();
    const app = await startChannelApp(platform, { sse: { backplane: member, history: { ...history, events } } });
    const listener = await app.open('a');
    await listener.untilText('id: ');
    const ids: string[] = [];
    for (let n = 1; n <= 6; n++) ids.push(await app.channels.publish('a', text(n)));
    await listener.untilText('data: 6 ');
    await log.settled();
    const open = jest.spyOn(member, 'open');
    return { log, app, ids, open };
  }

  it('reads it again for clients that come back, once for all that come at a time', async () => {
    const { app, ids, open } = await start();
    expect(app.channels.localStats()).toMatchObject([{ channel: 'a', messages: 2 }]);
    const backs = await Promise.all(Array.from({ length: 10 }, () => app.open('a', ids[0])));
    await Promise.all(backs.map((back) => back.untilText('data: 6 ')));
    await app.channels.publish('a', text(7));
    await Promise.all(backs.map((back) => back.untilText('data: 7 ')));
    for (const back of backs) {
      expect([eventsOf(back), numbersOf(back)]).toEqual([[], ['2', '3', '4', '5', '6', '7']]);
    }
    expect(open).toHaveBeenCalledTimes(1);
    expect(app.channels.localStats()).toMatchObject([{ channel: 'a', messages: 2 }]);
    await app.close();
  });

  it('does not for those that have all it has, nor for what is over the bounds of the channel itself', async () => {
    const { app, ids, open } = await start();
    const back = await app.open('a', ids[4]);
    await back.untilText('data: 6 ');
    expect([eventsOf(back), numbersOf(back)]).toEqual([[], ['6']]);
    expect(open).not.toHaveBeenCalled();
    await app.close();

    const bounded = await start(1);
    const lost = await bounded.app.open('a', bounded.ids[0]);
    await lost.untilText('data: 6 ');
    expect([eventsOf(lost), numbersOf(lost)]).toEqual([['gap'], ['6']]);
    expect(bounded.open).not.toHaveBeenCalled();
    await bounded.app.close();
  });

  it('tells of a gap when the log has it no more, or does not answer', async () => {
    const { log, app, ids } = await start();
    log.trim('a', 3);
    const partly = await app.open('a', ids[0]);
    await partly.untilText('data: 6 ');
    expect([eventsOf(partly), numbersOf(partly)]).toEqual([['gap'], ['4', '5', '6']]);
    await app.channels.publish('a', text(7));
    await log.settled();
    log.outage(true);
    const none = await app.open('a', ids[3]);
    await none.untilText('data: 7 ');
    expect([eventsOf(none), numbersOf(none)]).toEqual([['gap'], ['6', '7']]);
    await app.close();
  });

  it('does not take back what was lost while it was read', async () => {
    const { log, app, ids, open } = await start();
    const start0 = log.startOf('a');
    open.mockImplementationOnce(async () => {
      log.loseUnheard('a', 1);
      await log.settled();
      return start0;
    });
    const back = await app.open('a', ids[0]);
    await app.channels.publish('a', text(8));
    await back.untilText('data: 8 ');
    expect([eventsOf(back), numbersOf(back)]).toEqual([['gap'], ['8']]);
    await app.close();
  });
});
