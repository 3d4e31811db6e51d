import { Injectable } from '@nestjs/common';
import { OnSseEvent, type ReceivedMessage } from 'nestjs-event-stream';

@Injectable()
export class InvoicesService {
  readonly paid: string[] = [];

  @OnSseEvent('billing', 'invoice.paid') // SseModule.forRoot({ sources: { billing: { url: 'https://...' } } })
  markPaid(message: ReceivedMessage) {
    this.paid.push(message.json<{ id: string }>().id);
  }
}
