/**
 * The links in a resource: references, uri elements, and the links of the narrative; canonicals are names, not links.
 * R4: https://hl7.org/fhir/R4/http.html#trules
 * @module
 */
import type { AnyResource, Json } from '../model/r4.ts';

type LinkKind = 'reference' | 'uri' | 'narrative';

/** Gives back what shall stand in the link's place, the same text for no change. `path` writes its FHIRPath. */
export type Change = (link: string, kind: LinkKind, path: () => string) => string;

/** Names of the elements of R4 whose type is uri, url, oid or uuid and that may lead to a resource. */
const uriElements = new Set(
  [
    'address authority authorizationUrl contentReference defaultValueOid defaultValueUri defaultValueUrl defaultValueUuid definitionUri',
    'derivedFromUri endpoint eventUri fixedOid fixedUri fixedUrl fixedUuid instantiates instantiatesUri issuer moduleUri nameUrl',
    'onlineInformation patternOid patternUri patternUrl patternUuid policy protocol relativePath rendering source sourceUri system',
    'target targetUri uri url valueOid valueUri valueUrl valueUuid',
  ].flatMap(line => line.split(' ')),
);

/** Elements of the same names that are canonicals: resource type, element above, element. */
const canonicals = new Set([
  'CapabilityStatement..instantiates',
  'ConceptMap.unmapped.url',
  'ConceptMap.dependsOn.system',
  'ImplementationGuide.dependsOn.uri',
  'StructureDefinition.constraint.source',
  'StructureMap.structure.url',
  'TerminologyCapabilities.codeSystem.uri',
]);

const narrativeLink = /\b(href|src)=(["'])([^"']*)\2/g;

/**
 * The resource with its links changed. What does not change is shared with the original, which stays as it is.
 * Entries of a Bundle that is itself a resource are left alone: their links live by their own fullUrls.
 */
export function mapLinks(resource: AnyResource, change: Change): AnyResource {
  const trail: (string | number)[] = [];
  const path = () =>
    trail.reduce<string>((text, step) => text + (typeof step === 'number' ? `[${step}]` : `.${step}`), resource.resourceType);
  let type = resource.resourceType;

  const text = (value: string, key: string, above: string): string => {
    if (key === 'reference') return change(value, 'reference', path);
    if (key === 'div') {
      return value.includes('href') || value.includes('src')
        ? value.replace(narrativeLink, (whole, name, quote, link) => {
            const changed = change(link, 'narrative', path);
            return changed === link ? whole : `${name}=${quote}${changed}${quote}`;
          })
        : value;
    }
    return uriElements.has(key) && !canonicals.has(`${type}.${above}.${key}`) ? change(value, 'uri', path) : value;
  };

  const walk = (value: unknown, key: string, above: string): unknown => {
    if (typeof value === 'string') return text(value, key, above);
    if (Array.isArray(value)) return list(value, key, above);
    // Decimals are Number objects.
    return typeof value === 'object' && value !== null && !(value instanceof Number) ? object(value as Json, key) : value;
  };

  const list = (values: readonly unknown[], key: string, above: string): readonly unknown[] => {
    let changed: unknown[] | undefined;
    for (let i = 0; i < values.length; i++) {
      trail.push(i);
      const one = walk(values[i], key, above);
      trail.pop();
      if (one !== values[i]) (changed ??= [...values])[i] = one;
    }
    return changed ?? values;
  };

  const object = (json: Json, above: string): Json => {
    const outer = type;
    if (typeof json['resourceType'] === 'string') type = json['resourceType'];
    let changed: Json | undefined;
    for (const key in json) {
      if (key === 'entry' && type === 'Bundle') continue;
      trail.push(key);
      const one = walk(json[key], key, above);
      trail.pop();
      if (one !== json[key]) (changed ??= { ...json })[key] = one;
    }
    type = outer;
    return changed ?? json;
  };

  return object(resource, '') as AnyResource;
}
