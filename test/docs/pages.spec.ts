import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { SseChannelHistory, SseGapReason, SseHistoryOptions, SseSubscribeOptions } from '../../lib/index.js';
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
const GAP_REASONS: Record<SseGapReason, true> = {
  expired: true,
  foreign: true,
  future: true,
  malformed: true,
  restarted: true,
};

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

describe('README', () => {
  it('names every option of a subscription, and every page of the docs', () => {
    const readme = readPage('README.md');
    for (const option of Object.keys(SUBSCRIBE_OPTIONS)) {
      expect(readme).toMatch(new RegExp(`^\\| .*\`${option}\`.* \\|`, 'm'));
    }
    for (const page of PAGES) {
      expect(readme).toContain(`](${page})`);
    }
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
