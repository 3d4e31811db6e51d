import { readdirSync, readFileSync } from 'node:fs';

export const ROOT = new URL('../../../', import.meta.url);
export const EXAMPLES = new URL('test/docs/examples/', ROOT);

/** The pages of the documentation, by their paths from the root. */
export const PAGES: readonly string[] = readdirSync(new URL('docs/', ROOT), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md'))
  .map((path) => `docs/${path.replaceAll('\\', '/')}`)
  .sort();

export function readPage(page: string): string {
  return readFileSync(new URL(page, ROOT), 'utf8');
}

/** One section of a page, from its heading to the next one. */
export function sectionOf(page: string, heading: string): string {
  const [, section] = readPage(page).split(new RegExp(`^#+ ${heading}\n`, 'm'));
  if (section === undefined) throw new Error(`${page} has no section ${heading}`);
  return section.split(/^#+ /m)[0]!;
}

/** The code blocks of a page that are in one language. */
export function blocksOf(page: string, language: string): string[] {
  return blocks(readPage(page), language);
}

/** The same of one section, whose code has no line that looks like a heading. */
export function blocksIn(page: string, heading: string, language: string): string[] {
  return blocks(sectionOf(page, heading), language);
}

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, code]) => code!);
}
