/**
 * Texts joined in one piece. With `+` V8 keeps a long one as its parts, and JSON.stringify leaves its fast way at the first of those that it meets:
 * one made name in a resource cost as much as half of its serialization (bench/deidentify.ts).
 * @module
 */

export const joined = (...parts: readonly string[]): string => parts.join('');
