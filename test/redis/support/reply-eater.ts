import { randomUUID } from 'node:crypto';
import type { RespCommand } from './resp-commands.js';

const NOTHING = Buffer.alloc(0);
const binary = (text: string) => Buffer.from(text, 'latin1');

/**
 * Finds the reply to one command among all that a server answers, without reading its protocol: it sends a `PING` with
 * a name of our own before the command and another after it. What comes between their answers is the reply.
 */
export class ReplyEater {
  private readonly before = randomUUID();
  private readonly after = randomUUID();
  private pending = '';
  private isNext = false;

  /** What goes to the server instead of the command. */
  wrap(command: RespCommand): Buffer {
    return Buffer.concat([ping(this.before), command.bytes, ping(this.after)]);
  }

  /** Takes what the server has answered: what came before the reply, the reply once it is complete, and what follows. */
  take(bytes: Buffer): { before: Buffer; reply?: Buffer; after: Buffer } {
    this.pending += bytes.toString('latin1');
    const before = this.isNext ? '' : this.upTo(this.before);
    if (before === undefined) return { before: NOTHING, after: NOTHING };
    this.isNext = true;
    const reply = this.upTo(this.after);
    if (reply === undefined) return { before: binary(before), after: NOTHING };
    return { before: binary(before), reply: binary(reply), after: binary(this.pending) };
  }

  /** Cuts off what is pending before the answer to this `PING`, which goes too. */
  private upTo(name: string): string | undefined {
    // On a connection that has subscribed the answer is an array.
    const answer = new RegExp(`(?:\\*2\\r\\n\\$4\\r\\npong\\r\\n)?\\$36\\r\\n${name}\\r\\n`).exec(this.pending);
    if (!answer) return undefined;
    const head = this.pending.slice(0, answer.index);
    this.pending = this.pending.slice(answer.index + answer[0].length);
    return head;
  }
}

function ping(name: string): Buffer {
  return Buffer.from(`*2\r\n$4\r\nPING\r\n$36\r\n${name}\r\n`);
}
