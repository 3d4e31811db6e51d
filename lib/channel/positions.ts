import type { Position } from './position.js';

/** A position that was read from an id. */
export interface ReadPosition extends Pick<Position, 'seq' | 'told'> {
  /** Whether it is of another log than the one that was asked about. */
  readonly isForeign: boolean;
}

/** How positions are written into ids, and read from them. */
export interface Positions {
  /**
   * Whether ids hide where they stand. Then a client is told its position whenever there is an occasion: that it is left out
   * would say that nothing was published anywhere.
   */
  readonly areOpaque: boolean;

  /** The id of a message: for the same position the same one, on every stream and in every process. */
  idOfMessage(position: Position): string;

  /** An id that tells a stream where it stands, and that need not be the same twice. */
  idOfStream(position: Position): string;

  /**
   * Strict, for it reads what clients send.
   *
   * @param epoch of the log that it is to be a position of
   * @returns undefined for what was not written so
   */
  read(id: string, epoch: string): ReadPosition | undefined;
}
