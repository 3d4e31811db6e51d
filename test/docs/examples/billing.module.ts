import { Injectable, Module } from '@nestjs/common';
import {
  OnSseEvent,
  type ReceivedMessage,
  type SseDeadLetterFailure,
  type SseDeadLetters,
  type SseEventContext,
  SseModule,
} from 'nestjs-event-stream';

@Injectable()
export class DeadInvoices implements SseDeadLetters {
  readonly kept: string[] = []; // your table of what somebody has to look at

  async deadLetter(message: ReceivedMessage, { handler, attempts }: SseDeadLetterFailure): Promise<void> {
    this.kept.push(`${message.lastEventId}: ${handler} failed ${attempts} times`);
  }
}

@Injectable()
export class Invoices {
  readonly states = new Map<string, string>(); // your database

  @OnSseEvent('billing', 'invoice.paid', { attempts: 2, onFailure: DeadInvoices })
  async markPaid(message: ReceivedMessage, { signal }: SseEventContext): Promise<void> {
    signal.throwIfAborted(); // hand it to whatever takes long
    this.states.set(message.json<{ id: string }>().id, 'paid');
  }

  @OnSseEvent('billing', ['invoice.sent', 'invoice.reminded'], { onFailure: 'skip' })
  note(message: ReceivedMessage): void {
    this.states.set(message.json<{ id: string }>().id, message.event);
  }
}

const billing = { url: () => process.env['BILLING_URL'] ?? 'https://billing.example/events' };

@Module({
  imports: [SseModule.forRoot({ sources: { billing } })],
  providers: [Invoices, DeadInvoices],
})
export class BillingModule {}
