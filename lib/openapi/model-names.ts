/**
 * Names of schemas, as code generators make classes of them: `OrdersFollowInvoicePaidEvent` for the event `invoice.paid`.
 * Events that differ in nothing but their punctuation are numbered.
 */
export class ModelNames {
  readonly #prefix: string;
  readonly #taken = new Set<string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  of(event: string): string {
    const base = `${this.#prefix}${inPascalCase(event)}Event`;
    let name = base;
    for (let number = 2; this.#taken.has(name); number++) name = `${base}${number}`;
    this.#taken.add(name);
    return name;
  }
}

/** @param controller the name of its class */
export function modelPrefix(controller: string, method: string | symbol): string {
  const name = typeof method === 'symbol' ? (method.description ?? '') : method;
  return controller.replace(/Controller$/, '') + inPascalCase(name);
}

/** OpenAPI allows names of ASCII only. */
function inPascalCase(text: string): string {
  return text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
