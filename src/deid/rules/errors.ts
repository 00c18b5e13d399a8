/**
 * What can go wrong while rules work on a resource. Faults of the configuration are PolicyError. No message holds a value of the resource.
 * @module
 */
import { PolicyError } from '../policy.ts';

/** `generalize` met an element that is no primitive: a fault of the configuration that only a resource shows. */
export class RuleNotApplicable extends PolicyError {
  constructor(place: string, text: string) {
    super(place, text);
    this.name = 'RuleNotApplicable';
  }
}

/** A FHIRPath of `generalize` failed on a value. The only fault that `"processingErrors": "skip"` catches. */
export class ProcessingError extends Error {
  constructor(place: string, text: string) {
    super(`${place}: ${text}`);
    this.name = 'ProcessingError';
  }
}

/** What was handed in is no R4 resource. */
export class InputError extends Error {
  constructor(place: string, text: string) {
    super(`${place}: ${text}`);
    this.name = 'InputError';
  }
}

/** A value that a method cannot work with (a day that no calendar has, a fraction in an Age): the run stops. */
export class ValueError extends Error {
  constructor(place: string, text: string) {
    super(`${place}: ${text}`);
    this.name = 'ValueError';
  }
}
