import type { Browser, Page } from 'playwright-core';

/** The page of the sample, and what a person would read on it. */
export class OpenPage {
  readonly problems: string[] = [];
  readonly origins = new Set<string>();

  private constructor(private readonly page: Page) {
    page.on('pageerror', ({ message }) => this.problems.push(message));
    page.on('request', (request) => this.origins.add(new URL(request.url()).origin));
  }

  static async open(browser: Browser, url: string, width = 1280): Promise<OpenPage> {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    page.setDefaultTimeout(30_000);
    const opened = new OpenPage(page);
    await page.goto(url);
    return opened;
  }

  click(id: 'cut' | 'pause'): Promise<void> {
    return this.page.click(`#${id}`);
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

  async phase(phase: 'open' | 'reconnecting'): Promise<void> {
    await this.shows(`#state[data-phase="${phase}"]`);
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
