import { Controller, Module, Param } from '@nestjs/common';
import { Exclude, Expose, instanceToPlain } from 'class-transformer';
import { SseChannels, SseModule, SseStream } from 'nestjs-event-stream';

export class Profile {
  constructor(
    readonly name: string,
    passwordHash: string,
    email: string,
  ) {
    this.passwordHash = passwordHash;
    this.email = email;
  }

  @Exclude()
  readonly passwordHash: string;

  @Expose({ groups: ['support'] }) // for some readers only
  readonly email: string;
}

@Controller('profiles')
export class ProfilesController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream(':id')
  follow(@Param('id') id: string) {
    return this.channels.subscribe(`profile:${id}`);
  }

  @SseStream(':id/support') // behind a guard of yours
  followAll(@Param('id') id: string) {
    return this.channels.subscribe(`profile:${id}:support`);
  }

  async changed(id: string, profile: Profile): Promise<void> {
    await this.channels.publish(`profile:${id}`, { event: 'changed', data: profile });
    const all = instanceToPlain(profile, { groups: ['support'] }); // a channel of its own, for it is encoded once for all
    await this.channels.publish(`profile:${id}:support`, { event: 'changed', data: all });
  }
}

@Module({
  imports: [SseModule.forRoot({ serialize: (data) => JSON.stringify(instanceToPlain(data)) })],
  controllers: [ProfilesController],
})
export class ProfilesModule {}
