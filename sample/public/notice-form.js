/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} result says how it went
 * @param {(path: string, body: object) => Promise<Response>} post
 */
export function enableNoticeForm(form, result, post) {
  const { text } = form.elements;
  const button = form.querySelector('button');

  const send = async () => {
    const response = await post('notices', { text: text.value });
    if (response.ok) {
      text.value = '';
      return 'Posted.';
    }
    const { message } = await response.json();
    return `Not posted: ${message}.`;
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    result.textContent = 'Posting …';
    result.textContent = await send().catch(() => 'Not posted: the server did not answer.');
    button.disabled = false;
  });
}
