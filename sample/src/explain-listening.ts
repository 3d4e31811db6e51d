/** @param command that can be tried again with another port */
export function explainListening({ code, message }: NodeJS.ErrnoException, port: number, command: string): string {
  return code === 'EADDRINUSE'
    ? `Port ${port} is taken. Choose another one: PORT=${port + 1} ${command}`
    : `Cannot listen on port ${port}: ${message}`;
}
