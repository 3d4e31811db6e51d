import type { Browser, BrowserContext, Page } from 'playwright-core';

/** The page of the sample, and what a person would read on it. */
export class OpenPage {
  readonly problems: string[] = [];
  readonly origins = new Set<string>();
  /** What it has asked for, in order and without the queries: `GET /notices`. */
  readonly requested: string[] = [];

  private constructor(private readonly page: Page) {
    page.on('pageerror', ({ message }) => this.problems.push(message));
    page.on('request', (request) => {
      const { origin, pathname } = new URL(request.url());
      this.origins.add(origin);
      this.requested.push(`${request.method()} ${pathname}`);
    });
  }

  /** @param browser or a context of it, whose pages are tabs of one profile */
  static async open(browser: Browser | BrowserContext, url: string, width = 1280): Promise<OpenPage> {
    const page = await browser.newPage();
    await page.setViewportSize({ width, height: 900 });
    page.setDefaultTimeout(30_000);
    const opened = new OpenPage(page);
    await page.goto(url);
    return opened;
  }

  click(id: 'cut' | 'pause' | 'cut-board'): Promise<void> {
    return this.page.click(`#${id}`);
  }

  /** Brings the frames onto the screen: only there they are read. */
  lookAtFrames(): Promise<void> {
    return this.page.locator('#frames').scrollIntoViewIfNeeded();
  }

  /** Scrolls back up, where the frames are not on screen. */
  async lookAway(): Promise<void> {
    await this.page.evaluate('scrollTo(0, 0)');
  }

  /** As if the tab went behind another one, or came back: a browser without a window shows all tabs. */
  async becomes(visibilityState: 'hidden' | 'visible'): Promise<void> {
    await this.page.evaluate(
      `Object.defineProperty(document, 'visibilityState', { value: '${visibilityState}', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));`,
    );
  }

  /** Posts a notice as a person does, and waits until the page says how that went. */
  async post(text: string): Promise<string> {
    await this.page.fill('#notice-text', text);
    await this.page.click('#post-notice button');
    const result = this.page.locator('#post-result', { hasText: /posted/i });
    return (await result.textContent()) ?? '';
  }

  /** The notices from the top to the bottom, each with its mark: `replayed: Hello`. */
  async notices(): Promise<string[]> {
    const items = await this.page.locator('#notices li').all();
    return Promise.all(
      items.map(
        async (item) => `${await item.getAttribute('data-kind')}: ${await item.locator('.notice-text').textContent()}`,
      ),
    );
  }

  /** Until a notice is on the board. */
  async noticed(text: string): Promise<void> {
    await this.page.locator('#notices .notice-text', { hasText: text }).waitFor();
  }

  async text(selector: string): Promise<string> {
    return (await this.page.locator(selector).first().textContent()) ?? '';
  }

  async number(selector: string): Promise<number> {
    return Number(await this.text(selector));
  }

  /** Until an element is there and shown. */
  async shows(selector: string): Promise<void> {
    await this.page.locator(selector).first().waitFor();
  }

  /** @param line of the charts, or of the notice board */
  async phase(phase: 'open' | 'reconnecting' | 'paused', line: 'state' | 'board-state' = 'state'): Promise<void> {
    await this.shows(`#${line}[data-phase="${phase}"]`);
  }

  /** Until a number on the page is within these bounds. */
  async reaches(selector: string, least: number, most = Number.MAX_VALUE): Promise<void> {
    // A function, not an expression: the page's Content-Security-Policy lets nobody evaluate text in it.
    await this.page.waitForFunction(isWithin, { selector, least, most });
  }

  /** How many points the line of a chart has. */
  async points(chart: string): Promise<number> {
    const path = await this.page.locator(`#${chart} .line`).getAttribute('d');
    return path?.match(/[ML]/g)?.length ?? 0;
  }

  /** Pixels of content that stick out to the right. */
  async overflow(): Promise<number> {
    return Number(await this.page.evaluate('document.documentElement.scrollWidth - innerWidth'));
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

/** Runs in the browser. */
function isWithin({ selector, least, most }: { selector: string; least: number; most: number }): boolean {
  const { document } = globalThis as unknown as { document: { querySelector(of: string): { textContent: string } } };
  const value = Number(document.querySelector(selector).textContent);
  return value >= least && value <= most;
}
