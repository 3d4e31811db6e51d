import { type CanActivate, Controller, type ExecutionContext, Injectable, Post, Req, UseGuards } from '@nestjs/common';
import {
  SseChannels,
  SseStream,
  SseStreamRegistry,
  SseTicket,
  SseTicketGuard,
  type SseTicketHolder,
  SseTickets,
} from 'nestjs-event-stream';

type Authorized = { user: { id: string; tokenEnds: Date } };

@Injectable()
class BearerGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    const [, id] = /^Bearer token-of-(\w+)$/.exec(request.headers.authorization) ?? []; // yours: verify the token
    request.user = { id, tokenEnds: new Date(Date.now() + 900_000) };
    return id !== undefined;
  }
}

@Controller('orders')
export class OrdersController {
  constructor(
    private readonly tickets: SseTickets,
    private readonly channels: SseChannels,
    private readonly streams: SseStreamRegistry,
  ) {}

  @Post('ticket') // behind the guard of the rest of the application
  @UseGuards(BearerGuard)
  ticket(@Req() { user }: Authorized) {
    return this.tickets.issue({ path: '/orders/stream', subject: user.id, until: user.tokenEnds });
  }

  @SseStream('stream', {
    keys: ({ sseTicket }) => ({ user: sseTicket.subject }),
    reauthorize: { until: ({ sseTicket }) => sseTicket.until }, // an open stream ends with its token, too
  })
  @UseGuards(SseTicketGuard)
  stream(@SseTicket() { subject }: SseTicketHolder) {
    return this.channels.subscribe(`orders:${subject}`);
  }

  @Post('logout')
  @UseGuards(BearerGuard)
  async logout(@Req() { user }: Authorized) {
    await this.tickets.revoke(user.id); // first what would let it in again,
    await this.streams.revoke({ keys: { user: user.id } }); // then what is open, on every instance
  }
}
