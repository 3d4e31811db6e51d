import type { Position } from './position.js';
import type { Positions, ReadPosition } from './positions.js';

const POSITION = /^([0-9A-Za-z]{1,32})-(0|[1-9]\d{0,15})(?:\.(0|[1-9]\d{0,15}))?$/;

/** Positions as they are: `<epoch>-<seq>`, or `<epoch>-<seq>.<told>`. */
export class PlainPositions implements Positions {
  readonly areOpaque = false;

  idOfMessage({ epoch, seq, told }: Position): string {
    return told === undefined ? `${epoch}-${seq}` : `${epoch}-${seq}.${told}`;
  }

  idOfStream(position: Position): string {
    return this.idOfMessage(position);
  }

  read(id: string, epoch: string): ReadPosition | undefined {
    const parts = POSITION.exec(id);
    if (!parts) {
      return undefined;
    }
    const seq = Number(parts[2]);
    const told = parts[3] === undefined ? undefined : Number(parts[3]);
    return Number.isSafeInteger(seq) && (told === undefined || Number.isSafeInteger(told))
      ? { seq, told, isForeign: parts[1] !== epoch }
      : undefined;
  }
}
