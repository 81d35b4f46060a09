/** The end of a command before its time: KILL, its limit of time, a client that is gone. */
import type { SluiceError } from '../../../errors.ts';

export class Cancellation {
  #reason: SluiceError | null = null;
  /** Called once, when it comes: ends what the command waits for. */
  onCancel: ((reason: SluiceError) => void) | null = null;

  cancel(reason: SluiceError): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.onCancel?.(reason);
  }

  /** Throws the reason. */
  check(): void {
    if (this.#reason !== null) throw this.#reason;
  }
}
