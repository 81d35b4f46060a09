/** The time as HTTP writes it, which changes once a second: made when it is asked for first in a second. */
let text: string | null = null;

export function httpDate(): string {
  if (text === null) {
    const now = new Date();
    text = now.toUTCString();
    setTimeout(forget, 1_000 - now.getMilliseconds()).unref();
  }
  return text;
}

function forget(): void {
  text = null;
}
