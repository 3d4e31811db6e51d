import { Controller } from '@nestjs/common';
import { type SseMessage, SseStream } from 'nestjs-event-stream';
import type { Observable } from 'rxjs';
import { SampleHistory } from '../machine/sample-history.js';
import { loadAlerts } from './load-alerts.js';

/** A stream that hardly ever says anything: between alerts only pings keep it alive. */
@Controller('alerts')
export class AlertsController {
  constructor(private readonly history: SampleHistory) {}

  @SseStream()
  follow(): Observable<SseMessage> {
    return loadAlerts(this.history.appended$);
  }
}
