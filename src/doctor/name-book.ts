import type { Users } from '../platform/users.ts';
import type { Names } from './access.ts';

/** Names of users and groups, looked up once each; a number that has none, or whose source does not answer, stays a number. */
export class NameBook implements Names {
  readonly #users: Users;
  readonly #userNames = new Map<number, string>();
  readonly #groupNames = new Map<number, string>();
  readonly #lookUps = new Map<string, Promise<void>>();

  constructor(users: Users) {
    this.#users = users;
  }

  /** To be called before their names are asked for. */
  async learn(owners: readonly { readonly uid: number; readonly gid: number }[]): Promise<void> {
    await Promise.all([
      ...owners.map(({ uid }) => this.#learnUser(uid)),
      ...owners.map(({ gid }) => this.#learnGroup(gid)),
    ]);
  }

  user(uid: number): string {
    return this.#userNames.get(uid) ?? String(uid);
  }

  group(gid: number): string {
    return this.#groupNames.get(gid) ?? String(gid);
  }

  #learnUser(uid: number): Promise<void> {
    return this.#once(`user ${uid}`, async () => {
      const name = await this.#users.userName(uid).catch(() => null); // the number does as well
      if (name !== null) this.#userNames.set(uid, name);
    });
  }

  #learnGroup(gid: number): Promise<void> {
    return this.#once(`group ${gid}`, async () => {
      const name = await this.#users.groupName(gid).catch(() => null); // as above
      if (name !== null) this.#groupNames.set(gid, name);
    });
  }

  #once(what: string, lookUp: () => Promise<void>): Promise<void> {
    const known = this.#lookUps.get(what) ?? lookUp();
    this.#lookUps.set(what, known);
    return known;
  }
}
