import { Body, Delete, Get, HttpCode, Inject, NotFoundException, Param, Post, Query, UseGuards } from '@nestjs/common';
import { type SseClosedStream, SseStreamRegistry, type SseStreamReport } from '../access/index.js';
import type { SseMessage } from '../protocol/index.js';
import { ADMIN_SETTINGS, type AdminSettings } from './admin-settings.js';
import { JsonBodyGuard } from './json-body.guard.js';
import { LiveTicks } from './live-ticks.js';
import { followStreams } from './live-view.js';
import { NeverKept } from './never-kept.decorator.js';
import { readCloseRequest } from './read-close-request.js';
import { readFilterQuery, readId, readLimit } from './read-query.js';
import { type AdminSummary, summaryOf } from './summary.js';

/** What operators ask for, all of it JSON. Who may is not decided here: see {@link mountAdmin}. */
export abstract class AdminRoutes {
  constructor(
    @Inject(SseStreamRegistry) private readonly registry: SseStreamRegistry,
    @Inject(ADMIN_SETTINGS) private readonly settings: AdminSettings,
    @Inject(LiveTicks) private readonly ticks: LiveTicks,
  ) {}

  /** `?route=`, `?id=`, `?key.user=7`, `?limit=`, `?after=`: the id of the last of the page before. */
  @Get('streams')
  @NeverKept()
  streams(@Query() query: Record<string, unknown>): { streams: SseStreamReport[]; next: number | null } {
    const options = readFilterQuery(query, this.settings.maxRows);
    const streams = this.registry.list(options);
    const next = streams.length === options.limit ? (streams.at(-1)?.id ?? null) : null;
    return { streams, next };
  }

  @Get('summary')
  @NeverKept()
  summary(): AdminSummary {
    return summaryOf(this.registry);
  }

  /** `?limit=` */
  @Get('closed')
  @NeverKept()
  closed(@Query('limit') limit: unknown): { closed: SseClosedStream[] } {
    return { closed: this.registry.recentlyClosed(readLimit(limit, this.settings.maxRows)) };
  }

  /** What {@link streams} and {@link summary} tell, and what becomes of it, once a second. */
  protected follow(query: Record<string, unknown>, signal: AbortSignal): AsyncIterable<SseMessage> {
    const options = readFilterQuery(query, this.settings.maxRows);
    return followStreams(this.registry, options, this.ticks, signal);
  }

  @Delete('streams/:id')
  @NeverKept()
  async closeOne(@Param('id') id: string): Promise<{ closed: number }> {
    const closed = await this.registry.close({ id: readId(id) });
    if (closed === 0) {
      throw new NotFoundException('No open stream of this process has that id');
    }
    return { closed };
  }

  /** `{ id?, route?, keys?, reason?, message?, retryMs? }`, or `{ all: true, ... }`. */
  @Post('close')
  @HttpCode(200)
  @UseGuards(JsonBodyGuard)
  @NeverKept()
  async close(@Body() body: unknown): Promise<{ closed: number }> {
    return { closed: await readCloseRequest(body, (filter, options) => this.registry.close(filter, options)) };
  }
}
