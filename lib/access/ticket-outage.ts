import type { Logger } from '@nestjs/common';

/** Says once that the store of tickets is away, and once that it is back, however many streams ask. */
export class TicketOutage {
  #isAway = false;

  constructor(private readonly logger: Logger) {}

  failed({ message }: Error): void {
    if (!this.#isAway) {
      this.#isAway = true;
      this.logger.error(`Streams with tickets are turned away for now: ${message}`);
    }
  }

  worked(): void {
    if (this.#isAway) {
      this.#isAway = false;
      this.logger.log('Tickets can be looked up again');
    }
  }
}
