/**
 * Reads a stream's frames as they are: EventSource would hide comments, and pings are comments. It is a way to look at
 * the bytes, no client: it neither parses fields nor resumes.
 */

const AGAIN_MS = 2000;
/** A frame ends with an empty line; lines end with CRLF, LF or CR. */
const FRAME_END = /\r\n\r\n|\n\n|\r\r/;

/**
 * @param {string} path
 * @param {object} handlers
 * @param {(frame: string) => void} handlers.onFrame a frame with its empty line
 * @param {(note: string) => void} handlers.onNote what happens to the connection
 * @param {AbortSignal} signal
 */
export async function readFrames(path, { onFrame, onNote }, signal) {
  let told = false;
  while (!signal.aborted) {
    try {
      const response = await fetch(path, { signal, headers: { accept: 'text/event-stream' }, cache: 'no-store' });
      onNote(`connected: status ${response.status}, ${response.headers.get('content-type')}`);
      told = false;
      await readBody(response, onFrame);
      onNote('ended by the server');
    } catch {
      if (signal.aborted) return;
      if (!told) onNote('connection lost; trying again every two seconds');
      told = true;
    }
    await untilAgain(signal);
  }
}

async function readBody({ body }, onFrame) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    pending += part.value;
    for (let end = FRAME_END.exec(pending); end; end = FRAME_END.exec(pending)) {
      const length = end.index + end[0].length;
      onFrame(pending.slice(0, length));
      pending = pending.slice(length);
    }
  }
}

function untilAgain(signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, AGAIN_MS);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
