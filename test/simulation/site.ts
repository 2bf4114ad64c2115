import type { AgentSettings } from '../../src/domain/agent-state.ts';
import type { WrappingKey } from '../../src/ports/secret-store.ts';
import { type Media, type MediaReader, type Place } from './media.ts';
import type { Flight, HostView, Observer, SiteView } from './views.ts';

interface Read {
  readonly version: number;
  readonly media: Media;
}

/** One agent on one host, with all who watch it. */
export class Site implements SiteView {
  readonly host: HostView;
  readonly settings: AgentSettings;
  /** Its name at the server: a clone that gets a secret of its own is another agent there. */
  serverName: string;
  readonly place: Place;
  readonly flights: Flight[] = [];
  observers: readonly Observer[] = [];
  /** What is in the file in which new secrets are dropped; null where there is none. */
  secretFile: string | null = null;
  /** Whether a record was put in place or removed and the folder not synced since. */
  unsynced = false;
  readonly #reader: MediaReader;
  /** As last read, at this version of the host's disk and keychain. */
  #live: Read | null = null;
  #surviving: Read | null = null;
  #items = '';

  /** `stateDir`: another one than the host's makes it a second copy of the agent that names the same store. */
  constructor(host: HostView, settings: AgentSettings, reader: MediaReader, stateDir = '/state') {
    this.host = host;
    this.settings = settings;
    this.serverName = settings.agent;
    const { agent, rotates } = settings;
    this.place = { agent, folder: `${stateDir}/agents/${agent}`, keyFile: '/keys/key', rotates };
    this.#reader = reader;
  }

  get name(): string {
    return `${this.host.name}/${this.settings.agent}`;
  }

  /** Lock files, in the order in which they are taken. */
  get lockPaths(): readonly [string, string] {
    return [`${this.place.folder}/lock`, `/run/lock/${this.settings.agent}`];
  }

  /** The newest exchange that was sent, whatever became of it. */
  get lastFlight(): Flight | null {
    return this.flights.at(-1) ?? null;
  }

  /** The wrapping key, as running programs see it. */
  key(): WrappingKey | null {
    const { media, keychain } = this.host;
    return this.#reader.key(media.files(), keychain?.items() ?? null, this.place);
  }

  /** What running programs see. */
  media(): Media {
    const { media, keychain, version } = this.host;
    if (this.#live?.version !== version) {
      const read = this.#reader.read(media.files(), keychain?.items() ?? null, this.place);
      this.#live = { version, media: read };
    }
    return this.#live.media;
  }

  /** What a power cut now would leave at worst. */
  survivingMedia(): Media {
    const { media, keychain, version } = this.host;
    if (this.#surviving?.version !== version) {
      const left = media.crash(() => 0);
      const items = keychain?.crash(() => 0).items() ?? null;
      this.#surviving = { version, media: this.#reader.read(left.files(), items, this.place) };
    }
    return this.#surviving.media;
  }

  /** What the secret store has acknowledged: a keychain does not say whether its own disk has it. */
  storedMedia(): Media {
    return this.host.keychain === null ? this.survivingMedia() : this.media();
  }

  /** Whether an item of the agent is another one than at the last call; the probes of a pre-flight are none. */
  keychainChanged(): boolean {
    const { agent } = this.place;
    const items = this.host.keychain?.items();
    const now = ['current', 'candidate', 'wrapping-key']
      .map((item) => items?.get(`tokenward/${agent}/${item}`) ?? '')
      .join(' ');
    const changed = now !== this.#items;
    this.#items = now;
    return changed;
  }

  tell(what: (observer: Observer) => void): void {
    for (const observer of this.observers) what(observer);
  }
}
