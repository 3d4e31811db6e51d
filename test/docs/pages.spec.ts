import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type {
  SseChannelHistory,
  SseConcatMapOptions,
  SseEventHandlerOptions,
  SseGapReason,
  SseHistoryOptions,
  SseKeyLimit,
  SseLimitOptions,
  SseOutcomeKind,
  SseReauthorizeOptions,
  SseReceiverOptions,
  SseRetryOptions,
  SseShedOptions,
  SseSourceOptions,
  SseSourceState,
  SseSubscribeOptions,
  SseTicketGrant,
  SseTicketOptions,
} from '../../lib/index.js';
import type { ApiSseStreamOptions } from '../../lib/openapi/index.js';
import type { SseOpenTelemetryOptions } from '../../lib/opentelemetry/index.js';
import type { SseHealthOptions } from '../../lib/terminus/index.js';
import { blocksOf, EXAMPLES, PAGES, ROOT, readPage } from './support/pages.js';

/** Every key, or the compiler complains. */
const SUBSCRIBE_OPTIONS: Record<keyof SseSubscribeOptions, true> = {
  replay: true,
  filter: true,
  conflateBy: true,
  snapshot: true,
  broadcast: true,
  lastEventId: true,
  gapEvent: true,
  positionEvent: true,
};
const HISTORY_OPTIONS: Record<keyof (SseHistoryOptions & SseChannelHistory), true> = {
  events: true,
  bytes: true,
  ageMs: true,
  totalBytes: true,
  perChannel: true,
};
const REAUTHORIZE_OPTIONS: Record<keyof SseReauthorizeOptions, true> = {
  guards: true,
  everyMs: true,
  until: true,
  warnMs: true,
  warning: true,
};
const GAP_REASONS: Record<SseGapReason, true> = {
  expired: true,
  foreign: true,
  future: true,
  malformed: true,
  restarted: true,
};
const RECEIVER_OPTIONS: Record<keyof SseReceiverOptions, true> = {
  name: true,
  headers: true,
  method: true,
  body: true,
  lastEventId: true,
  cursorStore: true,
  signal: true,
  onComment: true,
  statusPolicy: true,
  retry: true,
  connectTimeoutMs: true,
  firstByteTimeoutMs: true,
  idleTimeoutMs: true,
  maxLifetimeMs: true,
  maxMessageBytes: true,
  maxIdBytes: true,
  oversize: true,
  onSkip: true,
  maxRedirects: true,
  allow: true,
  decompress: true,
  tls: true,
  dispatcher: true,
};
const RETRY_OPTIONS: Record<keyof SseRetryOptions, true> = {
  baseMs: true,
  maxMs: true,
  maxAttempts: true,
  healthyAfterMs: true,
  maxElapsedMs: true,
  maxServerDelayMs: true,
};
const OUTCOME_KINDS: Record<SseOutcomeKind, true> = {
  end: true,
  'no-content': true,
  http: true,
  'content-type': true,
  redirect: true,
  network: true,
  timeout: true,
  lifetime: true,
  decode: true,
  request: true,
  cursor: true,
  aborted: true,
};
const CONCAT_MAP_OPTIONS: Record<keyof SseConcatMapOptions, true> = {
  overflow: true,
  maxBuffered: true,
  onDrop: true,
};
const SOURCE_OPTIONS: Record<Exclude<keyof SseSourceOptions, keyof SseReceiverOptions>, true> = {
  url: true,
  enabled: true,
  lease: true,
  slowAfterMs: true,
  stopTimeoutMs: true,
};
const EVENT_HANDLER_OPTIONS: Record<keyof SseEventHandlerOptions, true> = { attempts: true, onFailure: true };
const API_OPTIONS: Record<keyof ApiSseStreamOptions, true> = {
  events: true,
  description: true,
  name: true,
  lastEventId: true,
  ends: true,
};
const LIMIT_OPTIONS: Record<keyof (SseLimitOptions & SseKeyLimit & SseShedOptions), true> = {
  maxStreams: true,
  per: true,
  max: true,
  onFull: true,
  refuseWith: true,
  replacedEvent: true,
  shed: true,
  maxEventLoopDelayMs: true,
  maxHeapUsedRatio: true,
};
const OPEN_TELEMETRY_OPTIONS: Record<keyof SseOpenTelemetryOptions, true> = {
  metrics: true,
  traces: true,
  propagate: true,
  channelKind: true,
  route: true,
};
const HEALTH_OPTIONS: Record<keyof SseHealthOptions, true> = {
  backplane: true,
  sources: true,
  degraded: true,
  timeoutMs: true,
};
const TICKET_OPTIONS: Record<keyof (SseTicketOptions & SseTicketGrant), true> = {
  store: true,
  ttlMs: true,
  sessionMs: true,
  parameter: true,
  secure: true,
  basePath: true,
  attach: true,
  path: true,
  subject: true,
  claims: true,
  until: true,
};
const SOURCE_STATES: Record<SseSourceState, true> = {
  idle: true,
  connecting: true,
  open: true,
  waiting: true,
  closed: true,
  disabled: true,
  standby: true,
  failed: true,
};

/** Records of decisions are for those who work on the package. */
const DECISIONS = 'docs/adr/';

/** A row of a table that has something in its first cell, alone or among others. */
function rowOf(name: string): RegExp {
  return new RegExp(`^\\| [^|]*\`${name}\`[^|]* \\|`, 'm');
}

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function linksOf(page: string): string[] {
  const prose = readPage(page).replace(/```.*?```/gs, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
}

describe('docs', () => {
  it('show every example as it is compiled and run, and no other code', () => {
    const shown = PAGES.flatMap((page) => blocksOf(page, 'ts')).sort();
    const compiled = readdirSync(EXAMPLES).map((name) => readFileSync(new URL(name, EXAMPLES), 'utf8'));
    expect(shown).toEqual(compiled.sort());
  });

  it.each(PAGES)('%s is one page', (page) => {
    expect(readPage(page).split('\n').length).toBeLessThan(130);
  });

  it('name every bound of history and every reason for a gap', () => {
    for (const option of Object.keys(HISTORY_OPTIONS)) {
      expect(readPage('docs/channels/replay.md')).toContain(`| \`${option}\` |`);
    }
    for (const reason of Object.keys(GAP_REASONS)) {
      expect(readPage('docs/channels/gaps.md')).toContain(`\`${reason}\``);
    }
  });
});

describe('docs on production', () => {
  it.each([
    ['option of @ApiSseStream()', 'openapi', API_OPTIONS],
    ['option of limits', 'limits', LIMIT_OPTIONS],
    ['option of SseOpenTelemetryModule', 'metrics', OPEN_TELEMETRY_OPTIONS],
    ['option of a health check', 'health', HEALTH_OPTIONS],
    ['option of tickets', 'tickets', TICKET_OPTIONS],
    ['state of a source', 'health', SOURCE_STATES],
    ['option of reauthorize', 'authorization', REAUTHORIZE_OPTIONS],
  ])('name every %s', (_, page, names) => {
    for (const name of Object.keys(names)) {
      expect(readPage(`docs/production/${page}.md`)).toMatch(rowOf(name));
    }
  });
});

describe('docs on receiving', () => {
  it.each([
    ['option of a subscription', 'receiving', RECEIVER_OPTIONS],
    ['kind of outcome', 'receiving', OUTCOME_KINDS],
    ['option of retries', 'retries', RETRY_OPTIONS],
    ['option of a source', 'sources', SOURCE_OPTIONS],
    ['option of a handler', 'sources', EVENT_HANDLER_OPTIONS],
  ])('have a row for every %s in %s.md', (_what, page, names) => {
    for (const name of Object.keys(names)) {
      expect(readPage(`docs/receiving/${page}.md`)).toMatch(rowOf(name));
    }
  });

  it('name every option of concatMap()', () => {
    for (const option of Object.keys(CONCAT_MAP_OPTIONS)) {
      expect(readPage('docs/receiving/receiving.md')).toMatch(new RegExp(`\`${option}\\b`));
    }
  });
});

describe('README', () => {
  it('names every option of a subscription, and every page of the docs but the records of decisions', () => {
    const readme = readPage('README.md');
    for (const option of Object.keys(SUBSCRIBE_OPTIONS)) {
      expect(readme).toMatch(new RegExp(`^\\| .*\`${option}\`.* \\|`, 'm'));
    }
    for (const page of PAGES.filter((each) => !each.startsWith(DECISIONS))) {
      expect(readme).toContain(`](${page})`);
    }
  });
});

describe('performance', () => {
  it.each(PAGES.filter((page) => page.startsWith(DECISIONS)))('names the record %s', (record) => {
    expect(readPage('docs/performance/performance.md')).toContain(`](../adr/${record.slice(DECISIONS.length)})`);
  });
});

describe('docs/index.md', () => {
  it('leads to every page', () => {
    const pages = PAGES.filter((page) => page !== 'docs/index.md');
    expect(linksOf('docs/index.md')).toEqual(expect.arrayContaining(pages.map((page) => page.slice('docs/'.length))));
  });
});

describe('links', () => {
  it.each([...PAGES, 'README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'])('of %s lead somewhere', (page) => {
    const from = new URL(page, ROOT);
    for (const link of linksOf(page).filter((target) => !/^https?:/.test(target))) {
      const target = new URL(link, from);
      const anchor = decodeURIComponent(target.hash.slice(1));
      target.hash = '';
      expect([link, existsSync(target)]).toEqual([link, true]);
      if (anchor) {
        expect(anchorsOf(readFileSync(target, 'utf8'))).toContain(anchor);
      }
    }
  });
});
