/**
 * The days by which the format moves dates: −50 to +50, by a polynomial over an id (or the name of a file or folder) and the key.
 * They can be foretold (docs/deidentification/rules.md); they are here because the output must be the same.
 * @module
 */

/** What the bytes of a text do to a hash: h → (h·131 + b) mod 101 for each. */
function hashed(text: string): number {
  let h = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c > 0x7f) return Buffer.from(text).reduce((all, byte) => (all * 131 + byte) % 101, 0);
    h = (h * 131 + c) % 101;
  }
  return h;
}

/**
 * From a prefix the days, −50 to +50. Formula: h over the UTF-8 bytes of prefix and key, less 50. Since each step is linear, the key is gone through but once: h = h(prefix)·131ⁿ + h(key), n its bytes.
 */
export function offsets(key: string): (prefix: string) => number {
  const end = hashed(key);
  let factor = 1;
  for (let n = Buffer.byteLength(key); n > 0; n--) factor = (factor * 131) % 101;
  let last = '';
  let days = end - 50;
  return prefix => {
    // A resource has several dates. The days first: who is stopped in between by a deadline begins again.
    if (prefix !== last) {
      days = ((hashed(prefix) * factor + end) % 101) - 50;
      last = prefix;
    }
    return days;
  };
}
