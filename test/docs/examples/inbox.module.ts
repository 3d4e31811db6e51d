import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Injectable,
  Module,
  Param,
  UseGuards,
} from '@nestjs/common';
import { SseChannels, SseModule, SseStream } from 'nestjs-event-stream';

/** What was the `authorize` function of a channel pattern. */
class OwnInboxGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { params, headers } = context.switchToHttp().getRequest();
    return headers['x-user'] === params.user; // yours: whom the session cookie belongs to
  }
}

@Controller('users')
class InboxController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream(':user/inbox')
  @UseGuards(OwnInboxGuard)
  follow(@Param('user') user: string) {
    return this.channels.subscribe([`users.${user}.notifications`, 'feed.public']);
  }
}

@Injectable()
export class Inbox {
  constructor(private readonly channels: SseChannels) {}

  async tell(user: string, text: string): Promise<void> {
    await this.channels.publish(`users.${user}.notifications`, { event: 'notice', data: { text } });
  }
}

@Module({
  imports: [SseModule.forRoot({ pingMs: 12_000 })],
  controllers: [InboxController],
  providers: [Inbox],
  exports: [Inbox],
})
export class InboxModule {}
