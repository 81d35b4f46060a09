/** The mirror process's side of protocol.ts: carries out what the front asks, one copy and one run through the binlog at a time. */
import type { SourceAddress } from '../util/source-address.ts';
import { CopyJob } from './copy-job.ts';
import { Follower } from './follower.ts';
import type { MirrorReply, MirrorRequest } from './protocol.ts';

export class MirrorService {
  readonly #send: (reply: MirrorReply) => void;
  #source: { readonly address: SourceAddress; readonly serverId: number } | null = null;
  #copy: { readonly job: number; readonly work: CopyJob } | null = null;
  #follower: { readonly run: string; readonly work: Follower } | null = null;

  constructor(send: (reply: MirrorReply) => void) {
    this.#send = send;
  }

  handle(request: MirrorRequest): void {
    switch (request.kind) {
      case 'source':
        this.#source = request;
        return;
      case 'copy': {
        this.#copy?.work.stop();
        const { job, tables } = request;
        const work = new CopyJob({ address: this.#address.address, job, tables, send: this.#send });
        this.#copy = { job, work };
        work.copy();
        return;
      }
      case 'taken':
        if (this.#copy?.job === request.job) this.#copy.work.taken();
        return;
      case 'stop-copy':
        if (this.#copy?.job === request.job) this.#copy.work.stop();
        return;
      case 'follow': {
        this.#follower?.work.stop();
        const work = new Follower({ ...request, ...this.#address, send: this.#send });
        this.#follower = { run: request.run, work };
        work.follow();
        return;
      }
      case 'applied':
        if (this.#follower?.run === request.run) this.#follower.work.applied();
        return;
      case 'unfollow':
        if (this.#follower?.run === request.run) this.#follower.work.stop();
    }
  }

  get #address(): { readonly address: SourceAddress; readonly serverId: number } {
    if (this.#source === null) throw new TypeError('the source comes first');
    return this.#source;
  }
}
