export type OpenTelemetryApi = typeof import('@opentelemetry/api');

/** @returns nothing where the package is not installed */
export async function loadApi(
  load: () => Promise<OpenTelemetryApi> = () => import('@opentelemetry/api'),
): Promise<OpenTelemetryApi | undefined> {
  try {
    return await load();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** It alone, and not something that it needs itself. */
function isMissing(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return /MODULE_NOT_FOUND$/.test(code ?? '') && message.includes("'@opentelemetry/api'");
}
