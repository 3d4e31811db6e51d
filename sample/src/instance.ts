import { Injectable } from '@nestjs/common';

/** What a stream begins with. */
export interface ServedBy {
  readonly by: string;
}

/** This process, among those that may serve the same page. */
@Injectable()
export class Instance {
  constructor(
    readonly name: string,
    /** Whether there may be others. */
    readonly isOneOfMany: boolean,
  ) {}

  /** Sent at each connect: whoever was moved here by a reconnect learns it by that. */
  get introduction(): { event: 'served'; data: ServedBy } {
    return { event: 'served', data: { by: this.name } };
  }
}
