import { Controller, Injectable, Module, NotFoundException, Param } from '@nestjs/common';
import { SseChannels, SseModule, SseStream } from 'nestjs-event-stream';

type JobEvents = { progress: { done: number }; finished: { file: string }; failed: { why: string } };
type End = { event: 'finished'; data: JobEvents['finished'] } | { event: 'failed'; data: JobEvents['failed'] };

@Injectable()
export class Jobs {
  readonly #jobs = new Map<string, { done: number; end?: End }>(); // your database

  constructor(private readonly channels: SseChannels) {}

  find(job: string) {
    return this.#jobs.get(job);
  }

  channelOf(job: string) {
    return this.channels.channel<JobEvents>(`job:${job}`);
  }

  /** @param work tells how many per cent are done */
  async run(job: string, work: AsyncIterable<number>): Promise<void> {
    const state: { done: number; end?: End } = { done: 0 };
    this.#jobs.set(job, state);
    try {
      for await (const done of work) {
        state.done = done; // saved first, then published
        await this.channelOf(job).publish({ event: 'progress', data: { done } });
      }
      state.end = { event: 'finished', data: { file: `/files/${job}` } };
    } catch {
      state.end = { event: 'failed', data: { why: 'Something broke.' } };
    }
    await this.channelOf(job).close({ final: state.end });
  }
}

@Controller('jobs')
class JobsController {
  constructor(private readonly jobs: Jobs) {}

  @SseStream(':job', { onEnd: 'stop' })
  follow(@Param('job') job: string) {
    const state = this.jobs.find(job);
    if (!state) throw new NotFoundException();
    if (state.end) return [state.end]; // whoever comes late, a day later too
    const snapshot = () => ({ event: 'progress', data: { done: state.done } });
    return this.jobs.channelOf(job).subscribe({ snapshot });
  }
}

@Module({ imports: [SseModule.forRoot()], controllers: [JobsController], providers: [Jobs] })
export class JobsModule {}
