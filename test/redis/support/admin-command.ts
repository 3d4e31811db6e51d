import { Redis } from 'ioredis';

export interface AdminAddress {
  readonly port: number;
  readonly password?: string | undefined;
  /** The certificate to trust; without it the connection is a plain one. */
  readonly ca?: Buffer | undefined;
}

/** Sends one command to a Redis of 127.0.0.1 and hangs up. Whatever goes wrong is thrown: nothing is tried again. */
export async function adminCommand(address: AdminAddress, command: readonly [string, ...string[]]): Promise<string> {
  const { port, password, ca } = address;
  const client = new Redis({
    host: '127.0.0.1',
    port,
    ...(password !== undefined && { password }),
    ...(ca && { tls: { ca } }),
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: () => null,
    // Of a connection that is gone already, it would wait for the end: two seconds, in which Jest does not exit.
    disconnectTimeout: 1,
  });
  let reason: Error | undefined;
  client.on('error', (error) => {
    reason ??= error;
  });
  try {
    await client.connect();
    return printed(await client.call(...command));
  } catch (error) {
    // Of a connection that failed, the error says only that there is none.
    throw reason ?? error;
  } finally {
    client.disconnect();
  }
}

function printed(reply: unknown): string {
  return Array.isArray(reply) ? reply.map(printed).join('\n') : String(reply ?? '');
}
