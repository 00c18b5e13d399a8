/**
 * $switch-client: the operator switches a client off; every token it holds dies at once, and it gets no new one.
 * R4: https://hl7.org/fhir/R4/operations.html
 * @module
 */
import { information, Problem } from '../fhir/model/outcome.ts';
import type { AnyResource } from '../fhir/model/r4.ts';
import { definitionOf, type Operation } from './operation.ts';

export interface SwitchClientParts {
  /** False: the registry has no such client. */
  readonly setActive: (client: string, active: boolean) => Promise<boolean>;
}

/** Switching oneself off would leave nobody to switch anything on again. */
export const switchClient = ({ setActive }: SwitchClientParts): Operation => ({
  definition: definitionOf('switch-client'),
  run: async (given, access) => {
    const client = given.get('client')![0] as string;
    const active = given.get('active')![0] as boolean;
    if (client === access.agent.client) throw new Problem('conflict', 'A client cannot switch itself.');
    if (!(await setActive(client, active))) throw new Problem('not-found', 'The registry has no such client.');
    return {
      status: 200,
      resource: information(active ? 'The client is on.' : 'The client is off; its tokens are dead.') as unknown as AnyResource,
    };
  },
});
