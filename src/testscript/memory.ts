/**
 * What one run of a script knows: fixtures, requests and responses by id, the last exchange, and which resource of the server a fixture became.
 * R4: https://hl7.org/fhir/R4/testscript.html
 * @module
 */
import { Fault } from './fault.ts';
import { type Identity, Message } from './message.ts';

/** A resource of a server that came of a fixture. */
export interface Made extends Identity {
  /** Index of the server in the script; absent: there is one. */
  readonly destination?: number | undefined;
}

export class Memory {
  private readonly messages = new Map<string, Message>();
  private readonly created = new Map<string, Made[]>();
  request: Message | undefined;
  response: Message | undefined;

  set(id: string, message: Message): void {
    this.messages.set(id, message);
  }

  has(id: string): boolean {
    return this.messages.has(id);
  }

  /** @throws Fault when nothing has this id yet */
  get(id: string): Message {
    const message = this.messages.get(id);
    if (message === undefined) throw new Fault(`Nothing has the id ${id} here: no fixture, and no request or response yet.`);
    return message;
  }

  /** What an assert or a variable looks at: the message with that id, or the last one. */
  of(sourceId: string | undefined, direction: 'request' | 'response'): Message {
    if (sourceId !== undefined) return this.get(sourceId);
    const last = direction === 'request' ? this.request : this.response;
    if (last === undefined) throw new Fault(`There is no ${direction} yet.`);
    return last;
  }

  /** The server's resources that came of a fixture, in their order. */
  becameOf(fixtureId: string): readonly Made[] {
    return this.created.get(fixtureId) ?? [];
  }

  /** Notes it; a fixture without an id has that of its resource from then on. */
  became(fixtureId: string, made: Made): void {
    const all = this.becameOf(fixtureId);
    const fixture = this.messages.get(fixtureId);
    if (fixture?.kind === 'fixture' && fixture.resource !== undefined && fixture.resource.id === all.at(-1)?.id)
      this.messages.set(fixtureId, new Message('fixture', { json: { ...fixture.resource, id: made.id } }));
    this.created.set(fixtureId, [...all.filter(m => m.type !== made.type || m.id !== made.id || m.destination !== made.destination), made]);
  }

  /** Type and id that `targetId` stands for. */
  target(id: string): Identity {
    const identity = this.becameOf(id).at(-1) ?? this.get(id).identity;
    if (identity === undefined) throw new Fault(`${id} has no type and id of a resource on the server.`);
    return identity;
  }
}
