import { describe, expect, it } from '@jest/globals';
import { ReplyEater } from './reply-eater.js';
import { RespCommands } from './resp-commands.js';

const COMMAND = '*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n';
const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;

/** A reply eater whose command was sent, and the names that it has given to its two `PING`s. */
function sent(): { eater: ReplyEater; names: string[] } {
  const [command] = new RespCommands().read(Buffer.from(COMMAND));
  const eater = new ReplyEater();
  const commands = new RespCommands().read(eater.wrap(command!));
  expect(commands.map(({ name }) => name)).toEqual(['PING', 'INCR', 'PING']);
  return { eater, names: [commands[0]!.args[0]!, commands[2]!.args[0]!] };
}

describe('ReplyEater', () => {
  it.each([
    ['a connection of commands', (name: string) => bulk(name)],
    ['a connection that has subscribed', (name: string) => `*2\r\n${bulk('pong')}${bulk(name)}`],
  ])('finds the reply on %s, however it is cut', (_, pong) => {
    for (const size of [1, 7, 1_000]) {
      const { eater, names } = sent();
      const answer = Buffer.from(`+BEFORE\r\n${pong(names[0]!)}:42\r\n${pong(names[1]!)}`);
      const found = { before: '', reply: '' };
      for (let at = 0; at < answer.length; at += size) {
        const { before, reply, after } = eater.take(answer.subarray(at, at + size));
        found.before += before;
        found.reply += reply ?? '';
        expect(after.length).toBe(0);
      }
      expect(found).toEqual({ before: '+BEFORE\r\n', reply: ':42\r\n' });
    }
  });

  it('hands out what follows the reply', () => {
    const { eater, names } = sent();
    const { after } = eater.take(Buffer.from(`${bulk(names[0]!)}:42\r\n${bulk(names[1]!)}+AFTER\r\n`));
    expect(after.toString()).toBe('+AFTER\r\n');
  });
});
