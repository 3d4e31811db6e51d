import { createHash, randomBytes } from 'node:crypto';

/** 256 bits as base64url. */
const SECRET = /^[\w-]{43}$/;

/** What nobody can guess, and any URL or cookie can hold. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether a text could be one: what could not is not asked for in a store. */
export function isSecret(text: string | undefined): text is string {
  return text !== undefined && SECRET.test(text);
}

/** Under which a ticket is kept until it is redeemed. */
export function ticketKey(ticket: string): string {
  return `ticket:${hashOf('ticket', ticket)}`;
}

/** Under which a session is kept. It takes both to find it: what the URL says, which logs may hold, and the cookie. */
export function sessionKey(ticket: string, secret: string): string {
  return `session:${hashOf('session', ticket, secret)}`;
}

/** Under which it is kept that what a subject was given before is good no more. */
export function revocationKey(subject: string): string {
  return `revoked:${hashOf('subject', subject)}`;
}

/** What tells the cookie of a ticket from the cookies of other tabs on the same path. */
export function cookieTag(ticket: string): string {
  return hashOf('cookie', ticket).slice(0, 16);
}

/** Looked up rather than compared, so that how long it takes says nothing of how much was right. */
function hashOf(kind: string, ...parts: readonly string[]): string {
  return createHash('sha256')
    .update([kind, ...parts].join('.'))
    .digest('base64url');
}
