import os from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { MachineReading } from './machine-sample.js';

/** How often the event loop's delay is measured. */
const LOOP_RESOLUTION_MS = 10;

/** Reads the machine: each reading tells about the time since the one before. */
@Injectable()
export class MachineProbe implements OnModuleDestroy {
  private readonly loopDelay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  private cpu = cpuTimes();

  constructor() {
    this.loopDelay.enable();
  }

  read(): MachineReading {
    const totalBytes = os.totalmem();
    const [one = 0, five = 0, fifteen = 0] = os.loadavg();
    return {
      cpuPercent: this.readCpuPercent(),
      memory: { usedBytes: totalBytes - os.freemem(), totalBytes },
      load: [round(one), round(five), round(fifteen)],
      loopDelayMs: this.readLoopDelay(),
    };
  }

  onModuleDestroy(): void {
    this.loopDelay.disable();
  }

  private readCpuPercent(): number {
    const before = this.cpu;
    this.cpu = cpuTimes();
    const total = this.cpu.total - before.total;
    const idle = this.cpu.idle - before.idle;
    return total > 0 ? round(Math.min(Math.max(100 * (1 - idle / total), 0), 100)) : 0;
  }

  private readLoopDelay(): MachineReading['loopDelayMs'] {
    const { mean, max, count } = this.loopDelay;
    // After this it has nothing to compare its next measurement with: some 10 ms of each reading stay unseen.
    this.loopDelay.reset();
    return count > 0 ? { mean: lateness(mean), max: lateness(max) } : { mean: 0, max: 0 };
  }
}

function cpuTimes(): { idle: number; total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of os.cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total };
}

/** The histogram holds the whole time between two measurements; what is late is what exceeds the time asked for. */
function lateness(nanoseconds: number): number {
  return round(Math.max(nanoseconds / 1e6 - LOOP_RESOLUTION_MS, 0));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
