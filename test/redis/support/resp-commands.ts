const CRLF = '\r\n';

/** One command that a client has sent. */
export interface RespCommand {
  /** In capitals, as `EVALSHA`. */
  readonly name: string;
  readonly args: readonly string[];
  /** As it was on the wire. */
  readonly bytes: Buffer;
}

/** Takes apart what a client sends to Redis: each command is an array of strings that say their length. */
export class RespCommands {
  private rest: Buffer = Buffer.alloc(0);

  /** The commands that are complete with these bytes. */
  read(bytes: Buffer): RespCommand[] {
    this.rest = Buffer.concat([this.rest, bytes]);
    const commands: RespCommand[] = [];
    for (let command = this.next(); command; command = this.next()) commands.push(command);
    return commands;
  }

  private next(): RespCommand | undefined {
    const count = this.sizeAt(0, '*');
    if (!count) return undefined;
    let at = count.end;
    const words: string[] = [];
    while (words.length < count.size) {
      const length = this.sizeAt(at, '$');
      if (!length || this.rest.length < length.end + length.size + CRLF.length) return undefined;
      words.push(this.rest.toString('utf8', length.end, length.end + length.size));
      at = length.end + length.size + CRLF.length;
    }
    const bytes = this.rest.subarray(0, at);
    this.rest = this.rest.subarray(at);
    const [name = '', ...args] = words;
    return { name: name.toUpperCase(), args, bytes };
  }

  /** Reads `*3` or `$12`, and where it ends; nothing while it is not there as a whole. */
  private sizeAt(start: number, sign: '*' | '$'): { size: number; end: number } | undefined {
    const end = this.rest.indexOf(CRLF, start);
    if (end < 0) return undefined;
    const line = this.rest.toString('latin1', start, end);
    if (!/^.\d+$/.test(line) || line[0] !== sign) throw new Error(`A client sent ${line} where ${sign} was due.`);
    return { size: Number(line.slice(1)), end: end + CRLF.length };
  }
}
