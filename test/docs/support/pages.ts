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

/** The code blocks of a page that are in one language. */
export function blocksOf(page: string, language: string): string[] {
  const blocks = readPage(page).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'));
  return [...blocks].map(([, code]) => code!);
}
